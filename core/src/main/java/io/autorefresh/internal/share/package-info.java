/**
 * The dealings of a cache with its exchange: claims go out, entries go out and come in.
 *
 * <p>In reading order: {@code Sharing} sends claims and entries when the owner of a cycle asks for it. An {@code
 * Errand} is one call of the exchange on a thread of its own. The {@code Breaker} says whether the exchange is in use,
 * and the {@code ExchangeClock} translates between its time and the ticker's.
 *
 * <p>This package does not know cycles or jobs, and applies no entry: {@code cycle} does, as it applies outcomes.
 */
package io.autorefresh.internal.share;

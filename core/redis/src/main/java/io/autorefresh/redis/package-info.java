/**
 * Several JVMs share the refresh work through a Redis or Valkey server: {@link io.autorefresh.redis.RedisExchange}.
 */
@NullMarked
package io.autorefresh.redis;

import org.jspecify.annotations.NullMarked;

/**
 * Events of the Flight Recorder: cycles, calls, overruns, removals, groups. {@code Flight} makes them where {@code
 * jdk.jfr} is present, and nothing otherwise; {@code FlightEvent} has their shapes.
 *
 * <p>This package knows no item, job or cycle.
 */
package io.autorefresh.internal.flight;

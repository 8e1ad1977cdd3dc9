package io.autorefresh.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The machine, the date and the command of the measurement.
 *
 * @param command the command line
 * @param description processor, memory, JDK and system
 * @param date the day, by UTC
 */
record Machine(String command, String description, LocalDate date) {

  static Machine here(String command) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    String description = String.format(
        Locale.ROOT,
        "%d cores of %s, %.0f GiB, %s %s, %s %s %s",
        system.getAvailableProcessors(),
        processor(),
        system.getTotalMemorySize() / (double) (1L << 30),
        System.getProperty("java.vm.name"),
        System.getProperty("java.vm.version"),
        system.getName(),
        system.getVersion(),
        system.getArch());
    return new Machine(command, description, LocalDate.now(ZoneOffset.UTC));
  }

  /** Returns the text beside each figure. */
  String caption() {
    return command + " · " + description + " · " + date;
  }

  private static String processor() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown processor");
    } catch (IOException e) {
      return "unknown processor";
    }
  }
}

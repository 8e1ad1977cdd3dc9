package io.autorefresh.kit;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The JDK's own JSON thread dump, in its forms of 21 to 28: containers of threads, scopes among them. */
public final class ThreadDump {

  /** One member of a JSON object in a line of its own, a number with or without quotes. */
  private static final Pattern MEMBER = Pattern.compile("\\s*\"(container|parent|owner|tid|name)\": \"?(.*?)\"?,?");
  private static final Pattern IDENTITY = Pattern.compile("/[^/]*@[0-9a-f]+$");

  /** A scope, or another thing that holds threads; its owner is the name of a thread. */
  public record Container(String name, @Nullable String parent, @Nullable String owner, List<String> threads) {}

  private final List<Container> containers;

  private ThreadDump(List<Container> containers) {
    this.containers = containers;
  }

  /** Dumps all threads of this JVM. */
  public static ThreadDump take() throws Exception {
    Path folder = Files.createTempDirectory("thread-dump");
    Path file = folder.resolve("threads.json");
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
      return parse(Files.readAllLines(file));
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  private static ThreadDump parse(List<String> lines) {
    List<Map<String, String>> found = new ArrayList<>();
    List<List<String>> threads = new ArrayList<>();
    Map<String, String> names = new HashMap<>();
    String tid = "";
    for (String line : lines) {
      Matcher member = MEMBER.matcher(line);
      if (!member.matches()) {
        continue;
      }
      String value = member.group(2).replace("\\/", "/");
      switch (member.group(1)) {
        case "container" -> {
          found.add(new HashMap<>(Map.of("container", value)));
          threads.add(new ArrayList<>());
        }
        case "tid" -> tid = value;
        case "name" -> {
          names.put(tid, value);
          threads.getLast().add(value);
        }
        default -> found.getLast().put(member.group(1), value);
      }
    }
    List<Container> containers = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      Map<String, String> one = found.get(i);
      containers.add(new Container(withoutIdentity(one.get("container")), withoutIdentity(one.get("parent")),
          names.get(one.get("owner")), threads.get(i)));
    }
    return new ThreadDump(containers);
  }

  private static String withoutIdentity(String name) {
    return IDENTITY.matcher(name).replaceFirst("");
  }

  /** The containers of this name or under it, in the form {@code name/…}. */
  public List<Container> containers(String name) {
    return containers.stream().filter(one -> one.name().equals(name) || one.name().startsWith(name + "/")).toList();
  }

  /** The container of exactly this name. */
  public Optional<Container> container(String name) {
    return containers.stream().filter(one -> one.name().equals(name)).findFirst();
  }

  /** The names of all threads. */
  public List<String> threads() {
    return containers.stream().flatMap(container -> container.threads().stream()).toList();
  }
}

package io.autorefresh.internal.flight;

import java.util.Queue;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/**
 * The events of the Flight Recorder. No class of them is loaded where the JDK has none, so {@link Flight} must not pass
 * them on as anything else than what they are.
 */
@Category("AutoRefresh")
@StackTrace(false)
public abstract class FlightEvent extends Event {

  @Label("Cache") final String cache;

  private FlightEvent(String cache) {
    this.cache = cache;
    begin();
  }

  /** Work on items, and what became of them; its thread has the name of the cycle or the call. */
  public abstract static class Work extends FlightEvent {
    @Label("Items") public long items;
    @Label("Updated") public long updated;
    @Label("Unchanged") public long unchanged;
    @Label("Deleted") public long deleted;
    @Label("Failed") public long failed;
    @Label("Unanswered") public long unanswered;
    @Label("Stale Outcomes") public long stale;
    @Label("Timed Out Calls") public long timedOut;

    private Work(String cache) {
      super(cache);
    }
  }

  @Name("io.autorefresh.Cycle") @Label("Sync Cycle")
  @Description("A sync cycle, until all its calls have ended or been abandoned")
  public static final class Cycle extends Work {
    Cycle(String cache) {
      super(cache);
    }
  }

  @Name("io.autorefresh.Call") @Label("Call")
  @Description("A call of the refresher or the deleter, until it has ended, also where its time was over before")
  @Threshold("20 ms")
  public static final class Call extends Work {
    /** Says whether such events are recorded, so that none is made where they are not. */
    static final Call PROBE = new Call("");

    @Label("Callback") public @Nullable String callback;

    Call(String cache) {
      super(cache);
    }
  }

  @Name("io.autorefresh.Abandoned") @Label("Abandoned Call")
  @Description("A call that ignored its interruption has lost its slot")
  static final class Abandoned extends FlightEvent {
    @Label("Name") final String name;

    Abandoned(String cache, String name) {
      super(cache);
      this.name = name;
    }
  }

  @Name("io.autorefresh.Overrun") @Label("Overrun")
  @Description("A periodic cycle had not handed out all its calls when the next one began")
  static final class Overrun extends FlightEvent {
    @Label("Items Not Handed Out") final int backlog;
    @Label("Effective Period") @Timespan final long period;

    Overrun(String cache, int backlog, long period) {
      super(cache);
      this.backlog = backlog;
      this.period = period;
    }
  }

  /** Something about an id or a group, which may happen under a lock; the text is made when none is held. */
  abstract static class About extends FlightEvent {
    private static final int MAX_LENGTH = 200;

    private final transient Object subject;
    @Label("Id") @Nullable String id;

    private About(String cache, Object subject) {
      super(cache);
      this.subject = subject;
      end();
    }

    final void waitIn(Queue<About> queue) {
      if (isEnabled()) {
        queue.add(this);
      }
    }

    final void tell() {
      try {
        String text = subject.toString();
        id = text.substring(0, Math.min(MAX_LENGTH, text.length()));
      } catch (Throwable t) {
        id = subject.getClass().getName();
      }
      commit();
    }
  }

  @Name("io.autorefresh.Creation") @Label("Creation") @Description("An item was created") @Enabled(false)
  static final class Creation extends About {
    static final Creation PROBE = new Creation("", "");

    Creation(String cache, Object id) {
      super(cache, id);
    }
  }

  @Name("io.autorefresh.Removal") @Label("Removal") @Description("An item left the cache") @Enabled(false)
  static final class Removal extends About {
    static final Removal PROBE = new Removal("", "", "");

    @Label("Cause") final String cause;

    Removal(String cache, Object id, String cause) {
      super(cache, id);
      this.cause = cause;
    }
  }

  /** An event about a group whose calls have failed for some time. */
  abstract static class Group extends About {
    @Label("Failing For") @Timespan final long failing;

    private Group(String cache, Object group, long failing) {
      super(cache, group);
      this.failing = failing;
    }
  }

  @Name("io.autorefresh.GroupDown") @Label("Group Down") @Description("The calls of a group fail, and are fewer now")
  static final class GroupDown extends Group {
    GroupDown(String cache, Object group, long failing) {
      super(cache, group, failing);
    }
  }

  @Name("io.autorefresh.GroupUp") @Label("Group Up") @Description("A call of a group that was down has succeeded")
  static final class GroupUp extends Group {
    GroupUp(String cache, Object group, long failing) {
      super(cache, group, failing);
    }
  }
}

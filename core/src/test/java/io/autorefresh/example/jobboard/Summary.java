package io.autorefresh.example.jobboard;

import static io.autorefresh.example.jobboard.Board.text;

import io.autorefresh.Stats;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;

/**
 * What must be true in the end, judged after the cache is closed, with the evidence.
 *
 * <p>The limits are judged on both sides of the wire, with bounds that hold however late a thread gets its turn:
 *
 * <ul>
 *   <li><b>Calls at once.</b> The limit; and one more for each call that was cut off by its time-out: it gives its slot
 *       back, and the service, which never learns of it, goes on.
 *   <li><b>Calls in a second.</b> Those that begin within a given second were permitted in it, which are at most the
 *       limit and a burst of 50 ms, or before it, and have held a slot since, which are at most as many as there may be
 *       at once.
 *   <li><b>Ids.</b> None in two calls. The hanging call does not count in the service.
 * </ul>
 */
record Summary(List<String> figures, List<Check> checks) {

  record Check(String promise, boolean kept, String evidence) {}

  static Summary of(JobService service, JobClient client, Stats stats, Set<String> seenDone) {
    Set<String> finished = service.finished();
    CallWatch here = client.watch;
    CallWatch there = service.watch;
    long atOnce = JobBoard.MAX_CONCURRENCY + stats.timedOutCalls();
    long inOneSecond = (long) (JobBoard.MAX_CALLS_PER_SECOND * 1.05) + 1 + atOnce;
    return new Summary(
        List.of(
            text("calls     %,d to refresh, %,d to delete", stats.refreshCalls(), stats.deleteCalls()),
            text("answers   %s, and %d cut off", service.answers, stats.timedOutCalls()),
            text("outcomes  %,d updated, %,d unchanged, %,d failed",
                stats.updated(), stats.unchanged(), stats.failed())),
        List.of(
            new Check("every job that finished was seen finished", seenDone.equals(finished),
                text("%,d of %,d", seenDone.size(), finished.size())),
            new Check("and deleted at the service, by onDelete", service.deleted.equals(finished),
                text("%,d of %,d", service.deleted.size(), finished.size())),
            new Check("no job was deleted before it finished", service.refusedDeletions.sum() == 0,
                text("%,d refused", service.refusedDeletions.sum())),
            new Check("no id was ever in two running calls", here.overlaps() + there.overlaps() == 0,
                text("%,d here, %,d there", here.overlaps(), there.overlaps())),
            new Check("calls at once stayed under the limit", Math.max(here.mostAtOnce(), there.mostAtOnce()) <= atOnce,
                text("%,d here, %,d there of %,d", here.mostAtOnce(), there.mostAtOnce(), atOnce)),
            new Check("and so did calls a second",
                Math.max(here.mostInOneSecond(), there.mostInOneSecond()) <= inOneSecond,
                text("%,d here, %,d there of %,d", here.mostInOneSecond(), there.mostInOneSecond(), inOneSecond)),
            new Check("none is running after the close", here.running() == 0, text("%,d", here.running()))));
  }

  boolean allKept() {
    return checks.stream().allMatch(Check::kept);
  }

  void print(PrintStream out) {
    out.println();
    figures.forEach(figure -> out.println("  " + figure));
    out.println();
    checks.forEach(check ->
        out.printf("  %-6s %-42s %s%n", check.kept ? "ok" : "BROKEN", check.promise, check.evidence));
  }
}

package dev.fizzy.engine.profile;

import dev.fizzy.engine.Plan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How much of a program's arena is in use during each operation.
 *
 * @param live bytes in use during each operation of {@link Plan#nodes}
 * @param peak index of the operation with the most
 * @param atPeak the blocks in use then, largest first
 */
public record ArenaTimeline(long[] live, int peak, List<Plan.Use> atPeak) {
  public static ArenaTimeline of(Plan plan) {
    long[] live = new long[Math.max(1, plan.nodes().size())];
    for (Plan.Use use : plan.uses()) {
      for (int i = use.first(); i <= Math.min(use.last(), live.length - 1); i++) {
        live[i] += use.bytes();
      }
    }
    int peak = 0;
    for (int i = 0; i < live.length; i++) {
      peak = live[i] > live[peak] ? i : peak;
    }
    List<Plan.Use> at = new ArrayList<>();
    for (Plan.Use use : plan.uses()) {
      if (use.first() <= peak && peak <= use.last()) {
        at.add(use);
      }
    }
    at.sort(Comparator.comparingLong((Plan.Use u) -> -u.bytes()));
    return new ArenaTimeline(live, peak, at);
  }

  /** Bytes in use at the peak. The arena is larger by its gaps. */
  public long peakBytes() {
    return live[peak];
  }

  /** Bytes at the peak by what they hold. */
  public Map<Plan.Content, Long> byContent() {
    Map<Plan.Content, Long> bytes = new EnumMap<>(Plan.Content.class);
    atPeak.forEach(use -> bytes.merge(use.content(), use.bytes(), Long::sum));
    return bytes;
  }
}

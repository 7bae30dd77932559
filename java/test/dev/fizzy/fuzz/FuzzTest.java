package dev.fizzy.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.DatasetFuzz;
import dev.fizzy.image.ImageFuzz;
import dev.fizzy.weights.WeightsFuzz;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * No file, however damaged, does more to a parser than to be refused. Seeded; about ten seconds in
 * all, and with {@code -Pfuzz} as long as {@code fuzz.seconds} says.
 */
class FuzzTest {
  private static final Logger log = LoggerFactory.getLogger(FuzzTest.class);

  @TempDir Path folder;

  /** Every parser of a format that others write; add those of a package here. */
  static List<FuzzTarget> targets() {
    return Stream.of(WeightsFuzz.targets(), DatasetFuzz.targets(), ImageFuzz.targets())
        .flatMap(List::stream)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void damageIsRefused(FuzzTarget target) throws Exception {
    double seconds = Double.parseDouble(System.getProperty("fuzz.seconds", "10"));
    Duration each = Duration.ofMillis((long) (seconds * 1000 / targets().size()));
    Fuzzer.Tally tally = new Fuzzer(target, folder).run(each);
    log.info("{}: {} files, {} refused", target, tally.files(), tally.refused());
    assertTrue(tally.refused() > 0, "damage that is never refused is no damage");
  }
}

package dev.fizzy.cli;

import dev.fizzy.image.degrade.Degradation;
import dev.fizzy.image.degrade.Recapture;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "attack",
    description =
        "Writes each image of a data set as it is and as it looks when a print or a screen is"
            + " photographed, to try detectors of presentation attacks.",
    footer = {
      "",
      "Example:",
      "  fizzy make attack --data faces/ --media print,replay --seed 5 --out attacks/",
      "",
      "degradations.csv in the new folder says of each image what it was made of and its kind:"
          + " bona_fide, print or replay. Colors, blur, the raster or moire and a frame are computed;"
          + " no paper, screen or camera took part. A detector that finds these is not known to find"
          + " real attacks."
    })
final class MakeAttackCommand implements Callable<Integer> {
  @Option(
      names = "--media",
      split = ",",
      defaultValue = "print,replay",
      paramLabel = "MEDIUM",
      description =
          "What is photographed, separated by commas: print, replay; default: ${DEFAULT-VALUE}.")
  private List<Recapture.Medium> media;

  @Mixin private DegradedOutput output;

  @Override
  public Integer call() {
    List<Degradation> all =
        media.stream().distinct().map(medium -> (Degradation) new Recapture(medium)).toList();
    output.write(all, "bona_fide");
    return 0;
  }
}

package dev.fizzy.cli;

import dev.fizzy.image.degrade.QualityStep;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "quality",
    description =
        "Writes each image of a data set with a ladder of known degradations, to test measures of"
            + " face image quality.",
    footer = {
      "",
      "Example:",
      "  fizzy make quality --data faces/ --ways blur,jpeg --out ladder/",
      "",
      "degradations.csv in the new folder says of each image what it was made of, the kind and the"
          + " level: 0 for the image itself, then 1 to 5. Blur: a deviation of 1 to 5 % of the side."
          + " Noise: a deviation of 8 to 40 of 255. Resolution: 1/2 to 1/6 of the side. JPEG: quality"
          + " 50, 30, 20, 10, 5. Dark: values divided by 2 to 6.",
      "The levels are amounts, not judgments: equal levels of two kinds are not equally bad."
    })
final class MakeQualityCommand implements Callable<Integer> {
  @Option(
      names = "--ways",
      split = ",",
      defaultValue = "blur,noise,resolution,jpeg,dark",
      paramLabel = "WAY",
      description =
          "Degradations, separated by commas: blur, noise, resolution, jpeg, dark; default:"
              + " ${DEFAULT-VALUE}.")
  private List<QualityStep.Way> ways;

  @Mixin private DegradedOutput output;

  @Override
  public Integer call() {
    output.write(QualityStep.ladder(ways.stream().distinct().toList()), "original");
    return 0;
  }
}

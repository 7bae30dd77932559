package dev.fizzy.cli;

import dev.fizzy.dataset.write.Shard;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import dev.fizzy.generation.BestOf;
import dev.fizzy.generation.ChoiceLog;
import dev.fizzy.generation.ImageConditions;
import dev.fizzy.identity.Embedder;
import dev.fizzy.model.embedder.Preset;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Mixin: drawing more images than are kept. */
final class BestOptions {
  private static final Pattern FORM = Pattern.compile("(\\d{1,6})/(\\d{1,6})");

  @Option(
      names = "--keep",
      paramLabel = "K/N",
      description =
          "Draw N candidates for every K images and keep the K nearest to the context; all"
              + " candidates are listed in candidates.jsonl; needs --embedder; default: keep every"
              + " image.")
  private String keep;

  @Option(
      names = "--embedder",
      paramLabel = "FILE",
      description = "Face embedder for --keep: the one that made the contexts.")
  private Path embedder;

  @Option(
      names = "--embedder-preset",
      paramLabel = "NAME",
      completionCandidates = PresetOptions.Presets.class,
      description =
          "How faces are preprocessed for --keep: ${COMPLETION-CANDIDATES}; default: by the file.")
  private Preset preset;

  @Option(
      names = "--feature",
      paramLabel = "NAME",
      description = "Name of the embedding output of an ONNX embedder; default: by the file.")
  private String feature;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  boolean given() {
    return keep != null;
  }

  /** Candidates that are drawn for an image that is kept; 1 without --keep. */
  double candidates() {
    return given() ? (double) number(2) / number(1) : 1;
  }

  /** Validates the options. */
  void check(int images) {
    if (!given()) {
      for (String name : List.of("--embedder", "--embedder-preset", "--feature")) {
        if (Given.has(command, name)) {
          throw new OptionException(name + " needs --keep K/N");
        }
      }
    } else if (embedder == null) {
      throw new OptionException("--keep K/N needs --embedder FILE");
    } else {
      int kept = number(1);
      if (kept < 1 || number(2) <= kept) {
        throw new OptionException(
            "--keep must keep at least one candidate and fewer than it draws, such as 2/8, not "
                + keep);
      }
      if (images % kept != 0) {
        throw new OptionException(
            "--images must be a multiple of " + kept + " with --keep " + keep + ", not " + images);
      }
    }
  }

  private int number(int group) {
    Matcher form = FORM.matcher(keep);
    if (!form.matches()) {
      throw new OptionException("--keep must be K/N, such as 2/8, not " + keep);
    }
    return Integer.parseInt(form.group(group));
  }

  /** Adds what determines the images to the settings of a data set. */
  void addTo(Map<String, Object> settings) {
    if (given()) {
      settings.put("keep", keep);
      settings.put("keep-embedder", Sha256.of(embedder));
    }
  }

  /** Opens the embedder; null without --keep. */
  Embedder open(DeviceOptions devices, int width) {
    if (!given()) {
      return null;
    }
    Embedder network = Embedder.open(embedder, preset, feature, devices.names(), devices.threads());
    if (network.width() != width) {
      int other = network.width();
      network.close();
      throw new FileException(
          "the contexts have width " + width + " and the vectors of " + embedder + " " + other);
    }
    return network;
  }

  BestOf drawing(ImageConditions conditions, Embedder network, ChoiceLog log) {
    return new BestOf(conditions, number(1), number(2), network, log);
  }

  /** The list of candidates of a part of a data set. */
  static ChoiceLog log(Path set, Shard shard) {
    return new ChoiceLog(set.resolve("candidates" + shard.suffix() + ".jsonl"));
  }
}

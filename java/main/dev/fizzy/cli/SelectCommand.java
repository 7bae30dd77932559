package dev.fizzy.cli;

import dev.fizzy.cluster.Cluster;
import dev.fizzy.cluster.MergedJob;
import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.ChosenLabels;
import dev.fizzy.dataset.read.FolderImages;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.read.NamedImages;
import dev.fizzy.dataset.write.Exporter;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.file.FileException;
import dev.fizzy.file.NameList;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.Embeddings;
import dev.fizzy.recognition.ImageMeasures;
import dev.fizzy.recognition.Oddness;
import dev.fizzy.recognition.Selection;
import dev.fizzy.recognition.SelectionRules;
import dev.fizzy.recognition.VectorSearch;
import dev.fizzy.report.ProgressReporter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "select",
    description =
        "Selects images of a finished data set by rules, into a new set or a list of names. The set"
            + " itself is not changed.",
    footer = {
      "",
      "Examples:",
      "  fizzy select --data faces/ --embedder mobilefacenet.onnx --contexts c.npy --adherence"
          + " .2,.8 --images 32 --out best/",
      "  fizzy select --data faces/ --embeddings faces.npy --largest-cluster .35 --max-duplicate"
          + " .95 --min-images 8 --list kept.txt",
      "  fizzy select --data faces/ --min-sharpness 40 --max-clipped .05 --out sharp/",
      "  fizzy select --data /shared/faces --embeddings /shared/vectors --max-duplicate .95"
          + " --duplicates-in set --list kept.txt --cluster spark://host:7077",
      "  fizzy select --data faces/ --mtcnn mtcnn/ --max-misaligned 6 --out placed/",
      "  fizzy select --data faces/ --embedder mobilefacenet.onnx --typical .5 --min-images 1"
          + " --out sound/",
      "",
      "An image counts as dropped by the first rule that it fails, in the order of this page; an"
          + " image that cannot be read is dropped. If interrupted, run it again to continue.",
      "",
      "With --cluster, images are measured and vectors compared on all machines, which must have"
          + " the set and its vectors at the same paths; the driver writes --out."
    })
final class SelectCommand extends FacePreparation implements Callable<Integer> {
  @Option(
      names = "--data",
      required = true,
      paramLabel = "DATASET",
      description = "Data set in any format, such as one folder per identity.")
  private Path data;

  @Option(
      names = "--embedder",
      paramLabel = "FILE",
      description =
          "Face embedder: an ONNX network, or a recognizer from `fizzy train recognizer`.")
  private Path embedder;

  @Option(
      names = "--embeddings",
      paramLabel = "FILE",
      description = "Embeddings of the data set, from `fizzy embed`, instead of --embedder.")
  private Path embeddings;

  @Option(
      names = "--contexts",
      paramLabel = "FILE",
      description = "Contexts that the data set was generated from, of the same embedder.")
  private Path contexts;

  @Option(
      names = "--real",
      paramLabel = "FILE",
      description = "Vectors of real people for --max-real, from `fizzy embed`.")
  private Path real;

  @Mixin private SelectionOptions selection;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the new data set; default: none is written.")
  private Path out;

  @Option(
      names = "--list",
      paramLabel = "FILE",
      description = "Write the names of the images that are kept, one per line.")
  private Path list;

  @Mixin private FormatOptions format;
  @Mixin private JsonOutput output;
  @Mixin private ClusterOptions cluster;

  @Override
  public Integer call() throws Exception {
    long begin = System.nanoTime();
    SelectionRules rules = rules();
    check(rules);
    try (LabeledImages set = ImageSets.open(data)) {
      ImageSource named = named(set);
      Selection selected = new Selection(measure(named, rules), rules);
      List<String> names = IntStream.of(selected.kept()).mapToObj(named::name).toList();
      Map<String, Object> fields = selected.fields();
      if (list != null) {
        String about = names.size() + " of " + named.count() + " images of " + data;
        NameList.write(list, about, names);
        fields.put("list", list.toString());
      }
      if (out != null) {
        Exporter.Result written = export(set, selected.kept());
        fields.put("out", out.toString());
        output.keepDataset(out, Shard.ALL, written.images(), begin, threads(), fields);
      }
      output.print(fields, text(fields, selected.without()));
    }
    return 0;
  }

  private SelectionRules rules() {
    return selection.rules(contexts != null, real != null);
  }

  private static ImageSource named(LabeledImages set) {
    return set instanceof FolderImages ? set : NamedImages.of(set);
  }

  private void check(SelectionRules rules) {
    if (cluster.given() && rules.typical() != null) {
      throw new OptionException(
          "--typical compares the images on one machine: select by it without --cluster");
    }
    if (cluster.given() && embedder != null) {
      throw new OptionException(
          "--cluster needs --embeddings instead of --embedder; `fizzy embed --cluster` writes"
              + " them");
    }
    if (embedder != null && embeddings != null) {
      throw new OptionException("give --embedder FILE or --embeddings FILE, not both");
    }
    if (rules.needVectors() && embedder == null && embeddings == null) {
      throw new OptionException("these rules need --embedder FILE or --embeddings FILE");
    }
    if (rules.typical() != null && embedder == null) {
      throw new OptionException("--typical SHARE needs --embedder FILE, an ONNX network");
    }
    if (out == null && list == null) {
      throw new OptionException("give --out DIR, --list FILE, or both");
    }
    if (list != null) {
      Outputs.checkFile(list);
    }
  }

  private ImageMeasures measure(ImageSource images, SelectionRules rules) throws Exception {
    List<String> names = IntStream.range(0, images.count()).mapToObj(images::name).toList();
    Contexts wanted = contexts == null ? null : Contexts.read(contexts);
    double[] oddness = rules.typical() == null ? null : oddness(images, names);
    try (Embeddings people = real == null ? null : Embeddings.open(real)) {
      Contexts faces = rules.needVectors() ? vectors(images) : null;
      if (faces != null) {
        requireWidth(faces, wanted == null ? faces.width() : wanted.width(), contexts);
        requireWidth(faces, people == null ? faces.width() : people.width(), real);
      }
      SelectWork.Measuring all = measuring(images, rules, faces, people);
      SelectWork.Found found;
      try (ProgressReporter progress =
          new ProgressReporter("measure", "images and blocks", all.count())) {
        found =
            cluster.given()
                ? onCluster(all, checksum(images, rules, faces, people), progress)
                : all.part(Shard.ALL, threads(), progress);
      }
      return ImageMeasures.of(
          names, faces, wanted, oddness, found.vectors(), found.allPixels(), found.allMisaligned());
    }
  }

  private SelectWork.Measuring measuring(
      ImageSource images, SelectionRules rules, Contexts faces, Embeddings people) {
    VectorSearch search =
        faces == null
            ? null
            : new VectorSearch(faces, people, rules.duplicatesInSet() ? rules.duplicate() : null);
    return new SelectWork.Measuring(images, rules.needPixels(), selection, search);
  }

  /** Opens the measuring of a worker; what it reads stays open. */
  SelectWork.Measuring openOnWorker(String checksum) {
    SelectionRules rules = rules();
    ImageSource images = named(ImageSets.open(data));
    Contexts faces = rules.needVectors() ? vectors(images) : null;
    Embeddings people = real == null ? null : Embeddings.open(real);
    SharedInput.check(data, checksum(images, rules, faces, people), checksum);
    return measuring(images, rules, faces, people);
  }

  /** A checksum of what {@link #measuring} reads. */
  private String checksum(
      ImageSource images, SelectionRules rules, Contexts faces, Embeddings people) {
    boolean decoded = rules.needPixels() || selection.hasDetector();
    return String.join(
        " ",
        decoded ? SharedInput.images(data, images) : SharedInput.names(images),
        selection.landmarks(),
        faces == null ? "" : faces.sha256(),
        people == null ? "" : SharedInput.vectors(real, people));
  }

  private SelectWork.Found onCluster(
      SelectWork.Measuring all, String checksum, ProgressReporter progress) throws Exception {
    List<String> arguments =
        Resent.arguments(output.command().getCommandSpec(), ClusterOptions.placing());
    try (Cluster spark = cluster.open("select")) {
      return new MergedJob<>(
              "select",
              cluster.parts(spark),
              new SelectWork(arguments, checksum),
              cluster.allowMixed())
          .run(spark, all.count(), progress);
    }
  }

  private static void requireWidth(Contexts faces, int width, Path other) {
    if (faces.width() != width) {
      throw new FileException(
          "the data set's vectors have width "
              + faces.width()
              + " and those of "
              + other
              + " "
              + width
              + "; both must come from one embedder");
    }
  }

  private double[] oddness(ImageSource images, List<String> names) {
    try (Embedder network = openLocal(embedder)) {
      return Oddness.of(names, embed(network, images, false).contexts());
    }
  }

  private Contexts vectors(ImageSource images) {
    if (embeddings != null) {
      Contexts faces = Contexts.read(embeddings);
      if (IntStream.range(0, images.count()).noneMatch(i -> faces.indexOf(images.name(i)) >= 0)) {
        throw new FileException(
            embeddings + " has no vector for any image of " + data + ": embed the same data set");
      }
      return faces;
    }
    try (Embedder network = open(embedder)) {
      return embed(network, images, false).contexts();
    }
  }

  private Exporter.Result export(LabeledImages set, int[] kept) {
    try (ProgressReporter progress = new ProgressReporter("select", "images", kept.length)) {
      return Exporter.run(
          new ChosenLabels(set, kept), data, out, format.format(), false, threads(), progress);
    } catch (IOException e) {
      throw FileException.of("read", data, e);
    }
  }

  private String text(Map<String, Object> fields, List<String> without) {
    StringBuilder text = new StringBuilder();
    text.append(fields.get("kept")).append(" of ").append(fields.get("images"));
    text.append(" images kept");
    fields.forEach(
        (name, count) -> {
          if (name.startsWith("dropped_")) {
            text.append(", ").append(count).append(" dropped by ").append(name.substring(8));
          }
        });
    if (!without.isEmpty()) {
      text.append("; ").append(without.size()).append(" identities dropped, the first is ");
      text.append(without.get(0));
    }
    return text.toString();
  }
}

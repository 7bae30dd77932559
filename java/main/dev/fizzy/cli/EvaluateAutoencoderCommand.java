package dev.fizzy.cli;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.ChosenImages;
import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.dataset.read.FacesInMemory;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.diffusion.RoundTrip;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.file.FileException;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelFile;
import dev.fizzy.recognition.quality.RoundTripCosines;
import dev.fizzy.recognition.quality.RoundTripQuality;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "autoencoder",
    description = "Measures what faces keep when a model's autoencoder encodes and decodes them.",
    footer = {
      "",
      "Examples:",
      "  fizzy evaluate autoencoder --model ae/autoencoder.safetensors --data crops/ --embedder"
          + " mobilefacenet.onnx --out autoencoder.json",
      "  fizzy evaluate autoencoder --data crops/ --embedder mobilefacenet.onnx --embedder"
          + " judge.onnx --preset mobilefacenet-112x96",
      "",
      "Faces are resized to the model's size first. Under each embedder the cosine of the round trip"
          + " to the resized face shows what the autoencoder keeps, that to the image as it is also"
          + " what the size keeps; drawn faces cannot keep an identity better. L1 is that of values"
          + " from -1 to 1, as in training."
    })
final class EvaluateAutoencoderCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "Model or autoencoder file; default: the built-in model.")
  private Path model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DATASET",
      description = "Aligned faces: a folder, searched recursively, or a set in any format.")
  private Path data;

  @Option(
      names = "--samples",
      defaultValue = "1000",
      paramLabel = "N",
      description = "Largest number of faces, drawn by --seed; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int samples;

  @Option(
      names = "--batch",
      defaultValue = "16",
      description = "Faces encoded at a time; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int batch;

  @Option(
      names = "--type",
      defaultValue = "f32",
      description = "Type of the activations, f32 or bf16; default: ${DEFAULT-VALUE}.")
  private DType type;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of the drawn faces; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private Judges judges;
  @Mixin private ResultOutput output;

  @Override
  public Integer call() {
    output.begin();
    judges.check();
    try (ModelFile file = DefaultModel.openOr(model);
        ImageSource all = ImageSets.faces(data)) {
      if (file.config().autoencoder() == null) {
        throw new FileException("the model " + model + " has no autoencoder");
      }
      ImageSource drawn = ChosenImages.drawn(all, samples, seed);
      FaceSet faces = read(drawn, file.config().autoencoder().imageSize());
      List<Rgb> before = IntStream.range(0, faces.count()).mapToObj(faces::face).toList();
      List<Rgb> after = new ArrayList<>();
      RoundTripQuality pixels = RoundTripQuality.of(before, after, roundTrip(file, before, after));
      ImageSource resized = new FacesInMemory(data.toString(), faces.names(), before);
      ImageSource again = new FacesInMemory("the round trip", faces.names(), after);
      List<Judges.Judged<RoundTripCosines>> cosines =
          judges.each(
              embed ->
                  RoundTripCosines.of(
                      embed.apply(drawn).contexts(),
                      embed.apply(resized).contexts(),
                      embed.apply(again).contexts()));
      publish(file, faces, pixels, cosines);
    }
    return 0;
  }

  private FaceSet read(ImageSource drawn, int size) {
    try (ProgressReporter progress = new ProgressReporter("read", "faces", drawn.count())) {
      return FaceSet.read(drawn, size, judges.threads(), FaceSet.MEMORY_LIMIT, progress);
    }
  }

  /** Fills {@code after}; returns how often each code was chosen. */
  private long[] roundTrip(ModelFile file, List<Rgb> before, List<Rgb> after) {
    try (Device on = judges.open();
        RoundTrip trip = new RoundTrip(on, file, Math.min(batch, before.size()), type);
        ProgressReporter progress = new ProgressReporter("encode", "faces", before.size())) {
      after.addAll(trip.of(before, progress));
      return trip.use();
    }
  }

  private void publish(
      ModelFile file,
      FaceSet faces,
      RoundTripQuality pixels,
      List<Judges.Judged<RoundTripCosines>> cosines) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("data", data.toString());
    fields.put("model", model == null ? "default" : model.toString());
    fields.put("model_sha256", file.sha256());
    fields.put("size", faces.size());
    fields.put("faces", faces.count());
    fields.put("skipped", faces.skipped().size());
    fields.put("seed", seed);
    fields.putAll(pixels.fields());
    fields.put("embedders", cosines.stream().map(c -> c.fields(RoundTripCosines::fields)).toList());
    output.publish("autoencoder quality", judges.threads(), fields, text(faces, pixels, cosines));
  }

  private static String text(
      FaceSet faces, RoundTripQuality pixels, List<Judges.Judged<RoundTripCosines>> cosines) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%d faces at %d pixels: L1 %.4f, PSNR %.2f dB, sharpness %.1f of %.1f, ratio %.3f",
            faces.count(),
            faces.size(),
            pixels.l1(),
            pixels.psnr(),
            pixels.again().laplacian().median(),
            pixels.faces().laplacian().median(),
            pixels.sharpness()));
    lines.add(
        String.format(
            Locale.ROOT,
            "%d of %d codes used, perplexity %.0f",
            pixels.codesUsed(),
            pixels.codes(),
            pixels.perplexity()));
    cosines.forEach(
        c ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    "%s: cosine to the face at that size %.3f, 5 %% below %.3f; to the image as it is"
                        + " %.3f, 5 %% below %.3f",
                    c.embedder(),
                    c.figures().resized().mean(),
                    c.figures().resized().quantile(.05),
                    c.figures().original().mean(),
                    c.figures().original().quantile(.05))));
    return String.join("\n", lines);
  }
}

package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.diffusion.Autoencoding;
import dev.fizzy.diffusion.EncodedFaces;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Division;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Workers;
import dev.fizzy.file.FileException;
import dev.fizzy.generation.FaceSampler;
import dev.fizzy.generation.ImageConditions;
import dev.fizzy.generation.SamplingSettings;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.VqAutoencoderConfig;
import dev.fizzy.report.ProgressReporter;
import dev.fizzy.report.SampleGrid;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What trainings of a denoiser do with images: encode faces before, draw samples in between. */
final class TrainingImages {
  /** Samples of an identity, and the batch that draws them. */
  static final int COLUMNS = 8;

  /** Identities of a grid. */
  static final int ROWS = 6;

  private static final int ENCODE_BATCH = 16;
  private static final Logger log = LoggerFactory.getLogger(TrainingImages.class);

  private TrainingImages() {}

  /**
   * Throws if an autoencoder is not the one of a configuration, and warns if its decoder was
   * trained to enlarge faces otherwise.
   *
   * @param name of the configuration
   */
  static void checkAutoencoder(ModelConfig found, ModelConfig asked, String name) {
    if (!found.autoencoder().sameNetworks(asked.autoencoder())) {
      throw new FileException(
          "the autoencoder is "
              + found.autoencoder()
              + ", the configuration asks for "
              + asked.autoencoder()
              + "; train one with `fizzy train autoencoder --config "
              + name
              + "`");
    }
    VqAutoencoderConfig trained = found.autoencoder();
    VqAutoencoderConfig used = asked.autoencoder();
    if (trained.decodedSize() * used.latentSize() != used.decodedSize() * trained.latentSize()) {
      log.warn(
          "the autoencoder's decoder was trained to draw {} pixels from {}, and {} draws {} from"
              + " {}: train it with `fizzy train autoencoder --config {} --from FILE"
              + " --decoder-only`",
          trained.imageSize(),
          trained.encoded(),
          name,
          used.imageSize(),
          used.encoded(),
          name);
    }
  }

  /**
   * Encodes faces, or reads the latents that an earlier run has kept.
   *
   * @param sha256 of the autoencoder's weights
   */
  static EncodedFaces encode(
      Device device,
      ModelConfig config,
      Parameters autoencoder,
      String sha256,
      FaceSet faces,
      RunOptions run) {
    Division division =
        Division.of(List.of(device.name()), faces.count(), device.threads(), ENCODE_BATCH);
    try (ProgressReporter progress = new ProgressReporter("encode", "faces", faces.count())) {
      return EncodedFaces.of(
          faces,
          () ->
              Workers.beside(
                  device,
                  division.workers(),
                  own ->
                      Autoencoding.encoder(
                          own,
                          config.autoencoder(),
                          autoencoder,
                          Region.VALUES,
                          division.batch(),
                          run.type())),
          sha256 + " " + config.autoencoder(),
          run.out.resolve("latents.safetensors"),
          progress);
    }
  }

  /** Draws a grid of random identities, {@link #ROWS} of them, with the averaged weights. */
  static void sample(
      Device device,
      ModelConfig config,
      Parameters autoencoder,
      Parameters unet,
      ImageConditions conditions,
      SamplingSettings settings,
      TrainingOptions options,
      long step) {
    try (Workers<FaceSampler> samplers =
        Workers.beside(
            device,
            ROWS,
            own -> new FaceSampler(own, config, autoencoder, unet, Region.AVERAGE, settings))) {
      SampleGrid.draw(
          samplers,
          conditions,
          COLUMNS,
          config.autoencoder().imageSize(),
          options.run.seed,
          "in training",
          options.grid(step));
    }
  }
}

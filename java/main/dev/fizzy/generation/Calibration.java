package dev.fizzy.generation;

import dev.fizzy.diffusion.InputReach;
import dev.fizzy.diffusion.LatentSampler;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.file.FileException;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.Recorded.Network;
import dev.fizzy.nn.Layer;
import java.util.List;
import java.util.Map;

/**
 * What a model needs to draw in integers: how far the inputs of its layers reach, measured while it
 * draws.
 */
public final class Calibration {
  /** Share of a layer's inputs that is cut off at either end: see docs/performance.md. */
  private static final double TAIL = 1e-4;

  private Calibration() {}

  /** Throws if a model cannot be drawn with in integers. */
  public static void require(ModelFile file) {
    requireUnet(file.config());
    List<Parameter> missing =
        ModelWeights.parameters(file.config(), Network.UNET, DType.INT8).stream()
            .filter(p -> p.name().endsWith(Layer.REACH) && !file.has(p.name()))
            .toList();
    if (!missing.isEmpty()) {
      throw new FileException(
          file.path()
              + " does not say how far the inputs of its layers reach ("
              + missing.get(0).name()
              + " is missing), which int8 needs: `fizzy model calibrate` writes a model that does");
    }
  }

  /** Throws if no layer of a model computes in integers. */
  public static void requireUnet(ModelConfig config) {
    if (config.unet() == null) {
      throw new FileException(
          "int8 is for models with a U-Net; " + config.name() + " has a transformer");
    }
  }

  /**
   * Draws latents of contexts and returns how far the inputs of each layer reach, by the names of
   * the tensors that say it.
   *
   * @param settings with at most a batch of contexts
   * @param contexts one for each image, [images][contextWidth]
   */
  public static Map<String, float[]> reaches(
      Device device, ModelFile file, SamplingSettings settings, float[][] contexts, long seed) {
    InputReach reach = new InputReach();
    int batch = settings.batch();
    if (contexts.length % batch != 0) {
      throw new EngineException(contexts.length + " images are no whole number of batches");
    }
    try (Parameters unet = ModelWeights.unet(device, file, DType.BF16);
        LatentSampler sampler =
            new LatentSampler(
                device,
                file.config().denoiser(),
                unet,
                settings.plan(file.config()),
                batch,
                settings.conditioning(file.config().denoiser().guidance() != null, false),
                reach)) {
      for (int first = 0; first < contexts.length; first += batch) {
        float[][] own = new float[batch][];
        int[] rows = new int[2 * batch];
        for (int i = 0; i < batch; i++) {
          own[i] = contexts[first + i];
          rows[2 * i] = first + i;
        }
        sampler.sample(own, rows, seed);
      }
    }
    return reach.reaches(TAIL);
  }
}

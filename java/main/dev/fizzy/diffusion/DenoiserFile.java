package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.Recorded;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The model file of a denoiser in training.
 *
 * @param autoencoder owned by the caller
 * @param weights type of the weights in the file, F32 or BF16
 * @param faces that are trained on
 */
record DenoiserFile(
    ModelConfig config, Parameters autoencoder, Safetensors.Type weights, int faces) {
  /** The parameters of the denoiser. */
  List<Parameter> network() {
    return Recorded.graph(config, Recorded.Network.UNET, 1, DType.F32, false).parameters();
  }

  /**
   * Writes the autoencoder and the averaged weights of the denoiser to one model file.
   *
   * @param trained parameters with those of the denoiser
   * @param notes more about the training
   * @param extras additional tensors that are not network parameters
   */
  void write(
      Path file,
      Parameters trained,
      long step,
      Map<String, String> notes,
      Map<String, float[]> extras) {
    Map<String, String> all = new HashMap<>(notes);
    all.put("steps", Long.toString(step));
    all.put("faces", Integer.toString(faces));
    try (Parameters average = new Parameters(trained.device(), network(), Region.VALUES)) {
      average.copy(Region.VALUES, trained, Region.AVERAGE);
      ModelFile.write(
          file,
          config,
          weights,
          all,
          List.of(
              new ModelFile.Source(autoencoder, Region.VALUES),
              new ModelFile.Source(average, Region.VALUES)),
          extras);
    }
  }
}

package dev.fizzy.generation;

import dev.fizzy.diffusion.Autoencoding;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.file.FileException;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.Recorded;
import dev.fizzy.model.SmallDecoderFile;
import java.util.List;

/** The weights of the networks of a model file, on a device. */
public final class ModelWeights {
  private ModelWeights() {}

  /** A file's autoencoder. */
  public static Parameters autoencoder(Device device, ModelFile file) {
    return autoencoder(device, file, file.config());
  }

  /** A file's autoencoder for another configuration with the same networks. */
  public static Parameters autoencoder(Device device, ModelFile file, ModelConfig config) {
    return filled(device, file, parameters(config, Recorded.Network.AUTOENCODER));
  }

  /** A file's U-Net, for a graph of a type. */
  public static Parameters unet(Device device, ModelFile file, DType type) {
    return filled(device, file, parameters(file.config(), Recorded.Network.UNET, type));
  }

  private static Parameters filled(Device device, ModelFile file, List<Parameter> of) {
    Parameters parameters = new Parameters(device, of, Region.VALUES);
    file.fill(parameters, Region.VALUES);
    return parameters;
  }

  static List<Parameter> parameters(ModelConfig config, Recorded.Network network) {
    return parameters(config, network, DType.F32);
  }

  static List<Parameter> parameters(ModelConfig config, Recorded.Network network, DType type) {
    return Recorded.graph(config, network, 1, type, false).parameters();
  }

  /** Throws if a file does not contain a model that can draw. */
  public static void check(ModelFile file) {
    latentScale(file.whole().config());
    file.require(parameters(file.config(), Recorded.Network.AUTOENCODER));
    file.require(parameters(file.config(), Recorded.Network.UNET));
  }

  static double latentScale(ModelConfig config) {
    if (config.autoregressive() != null) {
      return 1; // the codes themselves are drawn
    }
    double scale = config.diffusion().latentScale();
    if (scale == 0) {
      throw new FileException(
          "the model's latent_scale is 0, which asks for measuring it in training; it cannot draw");
    }
    return scale;
  }

  static Parameters smallDecoder(Device device, SmallDecoderFile small) {
    List<Parameter> parameters =
        Autoencoding.smallDecoder(small.config(), 1, DType.F32, 1).parameters();
    Parameters filled = new Parameters(device, parameters, Region.VALUES);
    small.fill(filled);
    return filled;
  }
}

package dev.fizzy.generation;

import dev.fizzy.diffusion.Predictions;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.file.FileException;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.Recorded.Network;
import dev.fizzy.model.VqAutoencoder;
import java.util.ArrayList;
import java.util.List;

/**
 * A smaller or less trained model whose U-Net guides that of another one (Karras et al., NeurIPS
 * 2024): guidance leads away from its predictions.
 */
public final class Autoguidance {
  /** Relative rounding of weights that one file stores in bf16 and the other in f32. */
  private static final float ROUNDING = 0x1p-8f;

  private Autoguidance() {}

  /** Throws if the predictions of the models cannot be combined. */
  public static void check(ModelFile model, ModelFile guide) {
    ModelWeights.check(guide);
    ModelConfig one = model.config();
    ModelConfig other = guide.config();
    same("latents of this size", one.denoiser().size(), other.denoiser().size());
    same("latent channels", one.denoiser().latentChannels(), other.denoiser().latentChannels());
    same("time steps", one.diffusion().steps(), other.diffusion().steps());
    same("noise schedule", one.diffusion().schedule(), other.diffusion().schedule());
    same("prediction", one.diffusion().prediction(), other.diffusion().prediction());
    same("latent scale", one.diffusion().latentScale(), other.diffusion().latentScale());
    if (other.denoiser().conditional()) {
      same("context width", one.denoiser().contextWidth(), other.denoiser().contextWidth());
    }
    String weights = otherEncoder(model, guide);
    if (weights != null) {
      throw new FileException(
          "the model that guides was trained on the latents of another encoder: its "
              + weights
              + " differs from the model's");
    }
  }

  /**
   * The first weights of a model's encoder, and of its codebook if the other model draws codes,
   * that differ from the other model's beyond rounding; null if none do or the other file has none.
   */
  public static String otherEncoder(ModelFile model, ModelFile other) {
    List<Parameter> compared =
        new ArrayList<>(ModelWeights.parameters(model.config(), Network.ENCODER));
    if (other.config().autoregressive() != null) {
      Graph g = new Graph(DType.F32);
      new VqAutoencoder(g, model.config().autoencoder()).codebook();
      compared.addAll(g.parameters());
    }
    for (Parameter parameter : compared) {
      for (Parameter.Piece piece : parameter.pieces()) {
        if (other.has(piece.name()) && !sameWeights(model, other, piece.name())) {
          return piece.name();
        }
      }
    }
    return null;
  }

  private static void same(String what, Object one, Object other) {
    if (!one.equals(other)) {
      throw new FileException(
          "the model has the " + what + " " + one + ", the model that guides has " + other);
    }
  }

  private static boolean sameWeights(ModelFile model, ModelFile guide, String name) {
    float[] one = model.floats(name);
    float[] other = guide.floats(name);
    boolean equal = one.length == other.length;
    for (int i = 0; equal && i < one.length; i++) {
      equal = Math.abs(one[i] - other[i]) <= ROUNDING * Math.abs(one[i]);
    }
    return equal;
  }

  /** The U-Nets of both models. */
  static Parameters unets(Device device, ModelFile model, ModelFile guide, DType type) {
    List<Parameter> own = ModelWeights.parameters(model.config(), Network.UNET, type);
    List<Parameter> all = new ArrayList<>(own);
    ModelWeights.parameters(guide.config(), Network.UNET, type).stream()
        .map(p -> p.within(Predictions.GUIDE))
        .forEach(all::add);
    Parameters both = new Parameters(device, all, Region.VALUES);
    try (Parameters first = ModelWeights.unet(device, model, type);
        Parameters second = ModelWeights.unet(device, guide, type)) {
      both.copy(Region.VALUES, first, Region.VALUES);
      both.copyWithin(Predictions.GUIDE, Region.VALUES, second, Region.VALUES);
    } catch (RuntimeException e) {
      both.close();
      throw e;
    }
    return both;
  }
}

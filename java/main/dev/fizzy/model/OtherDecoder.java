package dev.fizzy.model;

import dev.fizzy.file.FileException;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A model with the decoder of another autoencoder. Encoder and codebook must be the same in both,
 * because the U-Net was trained on their latents.
 */
public final class OtherDecoder {
  private OtherDecoder() {}

  /**
   * Writes the model to a new file, each tensor in the type that it has in the model.
   *
   * @param autoencoder of any image size. If it encodes faces at the size at which the model does,
   *     the new model draws faces of its size
   * @return how many tensors were taken from the autoencoder
   * @throws FileException if the two are of different shapes or have other latents
   */
  public static int write(Path out, ModelFile model, ModelFile autoencoder) {
    VqAutoencoderConfig wanted = model.config().autoencoder();
    VqAutoencoderConfig other = autoencoder.config().autoencoder();
    if (other == null) {
      throw new FileException(
          "--autoencoder is a model that was imported without one; give the file of an autoencoder");
    }
    if (!other.sameNetworks(wanted)) {
      throw new FileException("the autoencoder is " + other + ", that of the model is " + wanted);
    }
    Safetensors ours = model.tensors();
    Safetensors theirs = autoencoder.tensors();
    List<Safetensors.Entry> entries = new ArrayList<>();
    int taken = 0;
    for (String name : ours.names()) {
      Safetensors.Type type = ours.type(name);
      boolean replaced = AutoencoderTensors.draw(name);
      if (replaced) {
        taken++;
      } else if (AutoencoderTensors.makeLatents(name)) {
        float[] expected = ours.floats(name);
        if (!Arrays.equals(expected, ConfiguredWeights.rounded(theirs.floats(name), type))) {
          throw new FileException(
              name
                  + " differs, so the latents of the model are not those of the autoencoder: give one"
                  + " that was trained with --decoder-only from this model");
        }
      }
      Safetensors from = replaced ? theirs : ours;
      entries.add(
          new Safetensors.Entry(
              name,
              type,
              ours.shape(name),
              () -> ConfiguredWeights.rounded(from.floats(name), type)));
    }
    model.write(
        out,
        other.encoded() == wanted.encoded() ? drawing(model, autoencoder) : model.config(),
        entries);
    return taken;
  }

  /** The model's configuration with the other's size of faces. */
  private static ModelConfig drawing(ModelFile model, ModelFile autoencoder) {
    ModelConfig config = model.config();
    ModelConfig other = autoencoder.config();
    return config.autoencoder().equals(other.autoencoder())
        ? config
        : config.with(
            Objects.equals(config.unet(), other.unet()) ? other.name() : config.name(),
            other.autoencoder());
  }
}

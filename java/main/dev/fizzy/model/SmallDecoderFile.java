package dev.fizzy.model;

import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.file.FileException;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.TensorDigest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A small decoder in one safetensors file: its configuration in the metadata, its weights, what it
 * has of its autoencoder (the codebook, and with {@link SmallDecoderConfig#middle} the first layers
 * of the decoder), and a checksum that is verified before anything is used.
 */
public final class SmallDecoderFile implements AutoCloseable {
  private static final String FORMAT = "fizzy-decoder-2";

  private final ConfiguredWeights weights;
  private final SmallDecoderConfig config;

  private SmallDecoderFile(ConfiguredWeights weights) {
    this.weights = weights;
    this.config = ConfigJson.parse(SmallDecoderConfig.class, weights.config());
  }

  /** Opens and verifies a small decoder. */
  public static SmallDecoderFile open(Path path) {
    ConfiguredWeights weights =
        ConfiguredWeights.open(
            path, List.of(FORMAT), "small decoder", "train one with `fizzy train decoder`");
    try {
      return new SmallDecoderFile(weights);
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  /**
   * The checksum of what makes a model's latents, its encoder and codebook, after rounding to bf16:
   * files derived from the model may have them in either type.
   */
  public static String latents(ModelFile model) {
    TensorDigest digest = new TensorDigest();
    for (String name : new TreeSet<>(model.tensors().names())) {
      if (AutoencoderTensors.makeLatents(name)) {
        float[] values = model.tensors().floats(name).clone();
        digest.add(name, ConfiguredWeights.rounded(values, Safetensors.Type.BF16));
      }
    }
    return digest.hex();
  }

  public SmallDecoderConfig config() {
    return config;
  }

  /** Checksum of the weights. */
  public String sha256() {
    return weights.sha256();
  }

  /** Throws if the decoder was trained for another autoencoder, or for faces of another size. */
  public void requireFor(ModelFile model) {
    String latents = latents(model);
    if (!latents.equals(config.latents())) {
      throw new FileException(
          "the small decoder was trained for the autoencoder "
              + config.latents()
              + ", and the model's is "
              + latents
              + ": train one with `fizzy train decoder` for this model");
    }
    VqAutoencoderConfig own = model.config().autoencoder();
    VqAutoencoderConfig wanted = config.autoencoder();
    if (wanted.imageSize() != own.imageSize() || wanted.latentSize() != own.latentSize()) {
      throw new FileException(
          "the small decoder draws faces of "
              + drawn(wanted)
              + ", the model of "
              + drawn(own)
              + ": train one with `fizzy train decoder` for this model");
    }
  }

  private static String drawn(VqAutoencoderConfig config) {
    int latents = config.latentSize();
    return config.imageSize() + " pixels from latents of " + latents + "x" + latents;
  }

  /** Fills VALUES. The error names every tensor that is missing or has another shape. */
  public void fill(Parameters parameters) {
    weights.fill(parameters, Region.VALUES);
  }

  /**
   * Writes a small decoder.
   *
   * @param type F32 or BF16
   * @param notes further metadata for people
   * @param sources hold the decoder's parameters, frozen ones too, and no others
   */
  public static void write(
      Path path,
      SmallDecoderConfig config,
      Safetensors.Type type,
      Map<String, String> notes,
      List<ModelFile.Source> sources) {
    ConfiguredWeights.write(
        path, FORMAT, config.toJson(), notes, ConfiguredWeights.entries(sources, type));
  }

  @Override
  public void close() {
    weights.close();
  }
}

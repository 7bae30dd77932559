package dev.fizzy.model;

import java.util.List;

/** Which tensors of a model file belong to its autoencoder, by their published names. */
final class AutoencoderTensors {
  private static final List<String> LATENTS = List.of("encoder.", "quant_conv.", "quantize.");
  private static final List<String> DECODER = List.of("decoder.", "post_quant_conv.");

  private AutoencoderTensors() {}

  /** Encoder and codebook, which make the latents. */
  static boolean makeLatents(String name) {
    return LATENTS.stream().anyMatch(name::startsWith);
  }

  /** What draws faces from latents. */
  static boolean draw(String name) {
    return DECODER.stream().anyMatch(name::startsWith);
  }

  static boolean contains(String name) {
    return makeLatents(name) || draw(name);
  }
}

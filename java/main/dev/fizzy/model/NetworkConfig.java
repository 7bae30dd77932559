package dev.fizzy.model;

/** The shape of a network that draws latents: what it takes, whatever is in it. */
public sealed interface NetworkConfig permits DenoiserConfig, AutoregressiveConfig {
  /** Height and width of the latents. */
  int size();

  int latentChannels();

  /** Width of the identity embedding. */
  int contextInput();

  /**
   * Whether a context has one more element, how near the image is to be to it (CemiFace, NeurIPS
   * 2024).
   */
  boolean contextSimilarity();

  /** Width of the context that the network computes with. */
  int contextChannels();

  /** Whether the network takes a context. */
  boolean conditional();

  /** The guidance weights that the network takes as an input; null if it takes none. */
  default GuidanceRange guidance() {
    return null;
  }

  /** This network without contexts. */
  NetworkConfig unconditional();

  /** Number of values that the network takes as a context. */
  default int contextWidth() {
    return contextInput() + (contextSimilarity() ? 1 : 0);
  }
}

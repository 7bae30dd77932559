package dev.fizzy.model;

import dev.fizzy.engine.Graph;

/** The shape of a denoiser, the network of a diffusion model. */
public sealed interface DenoiserConfig extends NetworkConfig
    permits UNetConfig, DiffusionTransformerConfig {
  @Override
  DenoiserConfig unconditional();

  /** The network, recorded with its parameters' names under {@code path}. */
  Denoiser record(Graph graph, String path);

  /** The network. */
  default Denoiser record(Graph graph) {
    return record(graph, "");
  }
}

package dev.fizzy.diffusion;

import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Tensor;

/** A frozen face embedder in a graph, whose vectors tell who a face is. */
public interface Judge {
  /** Width of the vectors. */
  int width();

  /**
   * Records the embedder with gradients in the faces; its parameters are states.
   *
   * @param faces RGB [B,S,S,3] in [-1,1], aligned to the ArcFace template, in the graph's type
   * @return f32 [B,W], not normalized
   */
  Tensor embed(Tensor faces);

  /** Fills the VALUES of its parameters. */
  void fill(Parameters parameters);

  /** What tells it from other embedders, such as its checksum. */
  String identity();
}

package dev.fizzy.model.onnx;

import dev.fizzy.engine.Tensor;

/** A value of an ONNX graph while the graph is recorded. */
sealed interface OnnxValue {
  /** A weight, or something computed from weights and extents. */
  record Constant(OnnxTensor value) implements OnnxValue {}

  /** ONNX's [B,C,H,W], in the engine [B,H,W,C]. */
  record Image(Tensor tensor) implements OnnxValue {
    boolean isPixel() {
      return tensor.dim(1) == 1 && tensor.dim(2) == 1;
    }
  }

  /** A tensor whose extents and order are ONNX's. */
  record Plain(Tensor tensor) implements OnnxValue {}

  /** The lengths of the rows of a matrix, which only divide that matrix. */
  record Length(Tensor of) implements OnnxValue {}
}

package dev.fizzy.model;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Fill;
import dev.fizzy.engine.op.MatMul;
import dev.fizzy.engine.op.Multiply;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.nn.Layer;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Blocks of a transformer in which a condition gives each layer norm a scale and a shift, and each
 * of the two branches a gate, all of which begin at zero (adaLN-Zero, Peebles and Xie, ICCV 2023).
 * Letters: B batch, T tokens, C width.
 *
 * @param condition [B,C], after its activation
 */
record AdaptiveBlocks(int width, Tensor condition) {
  private static final double EPS = 1e-6;

  /**
   * Self-attention and a feed-forward layer, each behind a modulated norm and before a gate.
   *
   * @param attention queries, keys and values side by side [B,T,3C] to [B,T,C]
   */
  Tensor block(Layer at, Tensor x, UnaryOperator<Tensor> attention) {
    Tensor qkv = at.at("attention.qkv").linear(modulated(at, "norm1", x), 3 * width);
    Tensor attended = at.at("attention.proj").linear(attention.apply(qkv), width);
    Tensor y = Add.of(Multiply.of(attended, modulation(at, "gate1", Init.ZEROS)), x);
    Tensor wide = Activation.gelu(at.at("ff.0").linear(modulated(at, "norm2", y), 4 * width));
    Tensor narrow = at.at("ff.2").linear(wide, width);
    return Add.of(Multiply.of(narrow, modulation(at, "gate2", Init.ZEROS)), y);
  }

  /** (1 + scale) LN(x) + shift: [B,T,C] to the same. */
  Tensor modulated(Layer at, String norm, Tensor x) {
    Tensor rows = Reshape.of(x, x.dim(0) * x.dim(1), 1, width);
    Tensor normal = Reshape.of(at.at(norm).groupNorm(rows, 1, EPS, false), x.shape());
    Tensor scaled = Multiply.of(normal, modulation(at, norm + ".scale", Init.ONES));
    Tensor shift = modulation(at, norm + ".shift", Init.ZEROS);
    Tensor each = MatMul.of(ones(x, x.dim(0), x.dim(1), 1), shift, false, false, 1);
    return Add.of(scaled, each);
  }

  /** A linear function of the condition, [B,1,C], which begins as the constant {@code bias}. */
  private Tensor modulation(Layer at, String name, Init bias) {
    Layer linear = at.at(name);
    linear.parameter("weight", Init.ZEROS, width, width);
    linear.parameter("bias", bias, width);
    return Reshape.of(linear.linear(condition, width), condition.dim(0), 1, width);
  }

  static Tensor ones(Tensor like, int... shape) {
    return filled(1, like, shape);
  }

  /** A constant tensor of the graph's type, in the stage of another. */
  static Tensor filled(float value, Tensor like, int... shape) {
    Tensor y = like.graph().local("filled", DType.F32, List.of(like), shape);
    return Cast.of(like.graph().record(new Fill(y, value)).y(), like.graph().compute());
  }
}

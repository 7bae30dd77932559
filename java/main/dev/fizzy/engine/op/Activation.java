package dev.fizzy.engine.op;

import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/** y = f(x), element by element. */
public record Activation(Kind kind, Tensor x, Tensor y) implements Operation {
  /** The functions; kernels take the ordinal. */
  public enum Kind {
    SILU,
    GELU,
    SIGMOID,
    /** min(max(x, 0), 6). */
    RELU6,
    /** ReLU6(x + 3) / 6. */
    HARD_SIGMOID,
    /** x ReLU6(x + 3) / 6. */
    HARD_SWISH,
    /** x where x > 0, else .2 x. */
    LEAKY_RELU
  }

  public static Tensor silu(Tensor x) {
    return of(Kind.SILU, x);
  }

  public static Tensor gelu(Tensor x) {
    return of(Kind.GELU, x);
  }

  public static Tensor leakyRelu(Tensor x) {
    return of(Kind.LEAKY_RELU, x);
  }

  public static Tensor of(Kind kind, Tensor x) {
    Tensor y = x.graph().local("activation", x.type(), List.of(x), x.shape());
    return x.graph().record(new Activation(kind, x, y)).y;
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(x);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return 10 * y.elements();
  }

  @Override
  public int inPlace() {
    return 0;
  }

  @Override
  public void gradient(Gradients gradients) {
    gradients.write(x, dx -> x.graph().record(new Backward(kind, x, gradients.of(y), dx)));
  }

  /** dx = dy f'(x). */
  public record Backward(Kind kind, Tensor x, Tensor dy, Tensor dx) implements Operation {
    @Override
    public List<Tensor> inputs() {
      return List.of(x, dy);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dx);
    }

    @Override
    public long flops() {
      return 15 * dx.elements();
    }

    @Override
    public int inPlace() {
      return 1;
    }
  }
}

package dev.fizzy.rival;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.NativeSetup;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.ClassProperties;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Between Java arrays in our layouts and libtorch's tensors, and when libtorch's memory is freed.
 */
public final class Torch {
  static {
    NativeSetup.prepare();
    Loader.load(openblas.class);
    loadBelowTorch();
    Loader.load(torch.class);
  }

  private Torch() {}

  /**
   * The preset loads libtorch.so before libtorch_cpu.so, which it needs: that fails, and JavaCPP
   * then takes a libtorch.so of the system, of another version, where one is installed.
   */
  private static void loadBelowTorch() {
    ClassProperties properties = Loader.loadProperties(torch.class, Loader.loadProperties(), true);
    for (String name : List.of("gomp@.1", "c10", "torch_cpu")) {
      Loader.loadLibrary(
          torch.class, Loader.findLibrary(torch.class, properties, name, false), name);
    }
  }

  /** Threads of libtorch's own loops and of the oneDNN inside it. */
  public static void setThreads(int threads) {
    torch.set_num_threads(threads);
  }

  static ScalarType type(DType type) {
    return switch (type) {
      case F32 -> ScalarType.Float;
      case BF16 -> ScalarType.BFloat16;
      default -> throw new IllegalArgumentException("no network computes in " + type);
    };
  }

  /** A copy of our tensor; images [B,H,W,C] become [B,C,H,W] in the format given. */
  public static Tensor of(float[] values, int[] shape, ScalarType type, MemoryFormat format) {
    long[] sizes = new long[shape.length];
    for (int i = 0; i < shape.length; i++) {
      sizes[i] = shape[i];
    }
    Tensor result;
    try (PointerScope scope = new PointerScope()) {
      Tensor t = torch.from_blob(new FloatPointer(values), sizes);
      if (shape.length == 4) {
        t = t.permute(0, 3, 1, 2).contiguous(format);
      }
      result = t.clone().to(type);
      result.retainReference();
    }
    return result;
  }

  /** All elements as f32; images [B,C,H,W] come back as [B,H,W,C]. */
  public static float[] floats(Tensor t, boolean image) {
    try (PointerScope scope = new PointerScope()) {
      Tensor plain = (image ? t.permute(0, 2, 3, 1) : t).detach().to(ScalarType.Float).contiguous();
      float[] values = new float[Math.toIntExact(plain.numel())];
      plain.data_ptr_float().get(values);
      return values;
    }
  }

  /**
   * The body's result; every other tensor it made is let go at once, as the destructors of C++
   * would.
   */
  static Tensor scoped(Supplier<Tensor> body) {
    PointerScope outer = PointerScope.getInnerScope();
    try (PointerScope scope = new PointerScope()) {
      Tensor result = body.get();
      if (outer == null) {
        result.retainReference();
      } else {
        outer.attach(result);
      }
      return result;
    }
  }

  /** f(x), after which x is let go. */
  static Tensor then(Tensor x, UnaryOperator<Tensor> f) {
    Tensor y = f.apply(x);
    x.deallocate();
    return y;
  }
}

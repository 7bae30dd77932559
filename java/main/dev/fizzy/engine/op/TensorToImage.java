package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * image = (x + 1) 127.5, clamped to [0, 255] and rounded to nearest even: [-1, 1] to bytes.
 *
 * @param x f32 or bf16 [B, H, W, 3]
 * @param image U8, of the same shape
 */
public record TensorToImage(Tensor x, Tensor image) implements Operation {
  public static Tensor of(Tensor x) {
    if (x.type().code > DType.BF16.code) {
      throw new EngineException("tensor_to_image: " + x + " is neither f32 nor bf16");
    }
    Tensor image = x.graph().local("tensor_to_image", DType.U8, List.of(x), x.shape());
    return x.graph().record(new TensorToImage(x, image)).image;
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(x);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(image);
  }

  @Override
  public long flops() {
    return 3 * x.elements();
  }
}

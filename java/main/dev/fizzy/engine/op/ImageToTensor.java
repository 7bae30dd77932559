package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * y = image / 127.5 - 1: bytes to [-1, 1].
 *
 * @param image U8 [B, H, W, 3]
 * @param y f32 or bf16, of the same shape
 */
public record ImageToTensor(Tensor image, Tensor y) implements Operation {
  public static Tensor of(Tensor image, DType type) {
    if (image.type() != DType.U8 || type.code > DType.BF16.code) {
      throw new EngineException("image_to_tensor: " + image + " cannot become " + type);
    }
    Tensor y = image.graph().local("image_to_tensor", type, List.of(image), image.shape());
    return image.graph().record(new ImageToTensor(image, y)).y;
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(image);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return 2 * y.elements();
  }
}

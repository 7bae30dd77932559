package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Replaces each vector by the nearest code in Euclidean distance, the lowest index among equals
 * (van den Oord et al. 2017). The gradient of {@code quantized} is passed unchanged to {@code z}.
 *
 * @param z [B, H, W, E]
 * @param codebook f32 [N, E]
 * @param beta weight of the commitment term: 0.25 in VQ-GAN (Esser et al. 2021)
 * @param quantized as z
 * @param indices i32 [B, H, W]
 * @param loss f32 [1]: mean (sg[z] - e)^2 + beta mean (z - sg[e])^2; the first term trains the
 *     codebook, the second the encoder. If the differentiated loss does not include it, the
 *     codebook gets no gradient
 */
public record VectorQuantize(
    Tensor z, Tensor codebook, float beta, Tensor quantized, Tensor indices, Tensor loss)
    implements Operation {
  /** The commitment weight of VQ-GAN. */
  public static final float COMMITMENT = 0.25f;

  /** As {@link #of(Tensor, Tensor, float)} with the commitment weight of VQ-GAN. */
  public static VectorQuantize of(Tensor z, Tensor codebook) {
    return of(z, codebook, COMMITMENT);
  }

  public static VectorQuantize of(Tensor z, Tensor codebook, float beta) {
    if (codebook.rank() != 2
        || codebook.dim(1) != z.dim(-1)
        || codebook.type() != DType.F32
        || z.rank() < 2) {
      throw new EngineException("vector_quantize: vectors " + z + ", codebook " + codebook);
    }
    List<Tensor> from = List.of(z, codebook);
    Tensor quantized = z.graph().local("quantized", z.type(), from, z.shape());
    int[] positions = Arrays.copyOf(z.shape(), z.rank() - 1);
    Tensor indices = z.graph().local("indices", DType.I32, from, positions);
    Tensor loss = z.graph().local("quantization_loss", DType.F32, from, 1);
    return z.graph().record(new VectorQuantize(z, codebook, beta, quantized, indices, loss));
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(z, codebook);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(quantized, indices, loss);
  }

  @Override
  public long flops() {
    return 3 * z.elements() * codebook.dim(0);
  }

  @Override
  public void gradient(Gradients gradients) {
    Tensor dquantized = gradients.of(quantized);
    Tensor dloss = gradients.of(loss);
    if (dloss == null) {
      gradients.wrote(z, dquantized);
      return;
    }
    Tensor dz = gradients.targetOrUnused(z);
    Tensor dcodebook = gradients.targetOrUnused(codebook);
    z.graph().record(new Backward(this, dquantized, dloss, dz, dcodebook));
    gradients.wrote(z, dz);
    gradients.wrote(codebook, dcodebook);
  }

  /**
   * dz = dquantized + dloss beta 2 (z - e) / n; dcodebook of each code is the sum of dloss 2 (e -
   * z) / n over the vectors that chose it, in the order of the vectors; n is the number of elements
   * of z.
   *
   * @param dquantized as z, or null if only the loss has a gradient
   */
  public record Backward(
      VectorQuantize forward, Tensor dquantized, Tensor dloss, Tensor dz, Tensor dcodebook)
      implements Operation {
    @Override
    public List<Tensor> inputs() {
      return dquantized == null
          ? List.of(forward.z, forward.codebook, forward.indices, dloss)
          : List.of(forward.z, forward.codebook, forward.indices, dloss, dquantized);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dz, dcodebook);
    }

    @Override
    public long flops() {
      return 6 * dz.elements();
    }
  }
}

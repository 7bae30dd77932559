package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Snaps each vector to the nearest code by Euclidean distance, the lowest index among equals (van
 * den Oord et al. 2017). The gradient of {@code quantised} passes straight through to {@code z}.
 *
 * @param z [B, H, W, E]
 * @param codebook f32 [N, E]
 * @param beta weight of the commitment term: 0.25 in VQ-GAN (Esser et al. 2021)
 * @param quantised as z
 * @param indices i32 [B, H, W]
 * @param loss f32 [1]: mean (sg[z] - e)^2 + beta mean (z - sg[e])^2; the first term teaches the
 *     codebook, the second the encoder. Left alone where nothing reads it
 */
public record VectorQuantize(
    Tensor z, Tensor codebook, float beta, Tensor quantised, Tensor indices, Tensor loss)
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
    Tensor quantised = z.graph().local("quantised", z.type(), from, z.shape());
    int[] positions = Arrays.copyOf(z.shape(), z.rank() - 1);
    Tensor indices = z.graph().local("indices", DType.I32, from, positions);
    Tensor loss = z.graph().local("quantisation_loss", DType.F32, from, 1);
    return z.graph().record(new VectorQuantize(z, codebook, beta, quantised, indices, loss));
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(z, codebook);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(quantised, indices, loss);
  }

  @Override
  public long flops() {
    return 3 * z.elements() * codebook.dim(0);
  }

  @Override
  public void gradient(Gradients gradients) {
    Tensor dquantised = gradients.of(quantised);
    Tensor dloss = gradients.of(loss);
    if (dloss == null) {
      gradients.wrote(z, dquantised);
      return;
    }
    Tensor dz = gradients.targetOrUnused(z);
    Tensor dcodebook = gradients.targetOrUnused(codebook);
    z.graph().record(new Backward(this, dquantised, dloss, dz, dcodebook));
    gradients.wrote(z, dz);
    gradients.wrote(codebook, dcodebook);
  }

  /**
   * dz = dquantised + dloss beta 2 (z - e) / n, and into each code's row the sum of dloss 2 (e - z)
   * / n over the vectors it was chosen for, in the order of the vectors; n is the number of
   * elements of z.
   *
   * @param dquantised as z, or null where only the loss is learned from
   */
  public record Backward(
      VectorQuantize forward, Tensor dquantised, Tensor dloss, Tensor dz, Tensor dcodebook)
      implements Operation {
    @Override
    public List<Tensor> inputs() {
      return dquantised == null
          ? List.of(forward.z, forward.codebook, forward.indices, dloss)
          : List.of(forward.z, forward.codebook, forward.indices, dloss, dquantised);
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

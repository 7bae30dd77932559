package dev.fizzy.autoregression;

import dev.fizzy.diffusion.EncodedFaces;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.model.VqAutoencoder;
import dev.fizzy.model.VqAutoencoderConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The codes of faces and of their mirror images, row by row, and the codebook.
 *
 * @param codes of each face, [T]
 * @param mirrored codes of the mirrored faces
 * @param codebook vectors of the codes, [N z]
 */
public record CodedFaces(int[][] codes, int[][] mirrored, float[] codebook) {
  /**
   * Faces to train on or to measure.
   *
   * @param coded their codes
   * @param contexts context of each face; not read by an unconditional network
   * @param people the person of each face, counted from 0
   */
  public record Examples(CodedFaces coded, float[][] contexts, int[] people) {}

  private static final int BATCH = 64;

  /** The nearest codes of latents that are not scaled. */
  public static CodedFaces of(
      Device device, VqAutoencoderConfig config, Parameters autoencoder, EncodedFaces faces) {
    Graph g = new Graph(DType.F32);
    int s = config.latentSize();
    Tensor z = g.input("z", DType.F32, Stage.EVALUATION, BATCH, s, s, config.zChannels());
    Tensor codes = g.output(VqAutoencoder.codes(z, config.codes()));
    try (Program program = new Program(g, device, autoencoder)) {
      return new CodedFaces(
          codes(program, z, codes, faces.latents()),
          codes(program, z, codes, faces.mirrored()),
          VqAutoencoder.codebook(autoencoder));
    }
  }

  /**
   * Some of these faces.
   *
   * @param faces which
   * @param identities contexts of all faces
   * @param people the person of each of {@code faces}, counted from 0
   */
  public Examples examples(int[] faces, float[][] identities, int[] people) {
    CodedFaces some =
        new CodedFaces(
            Arrays.stream(faces).mapToObj(i -> codes[i]).toArray(int[][]::new),
            Arrays.stream(faces).mapToObj(i -> mirrored[i]).toArray(int[][]::new),
            codebook);
    float[][] contexts = Arrays.stream(faces).mapToObj(i -> identities[i]).toArray(float[][]::new);
    return new Examples(some, contexts, people);
  }

  private static int[][] codes(Program program, Tensor z, Tensor codes, float[][] latents) {
    int tokens = codes.dim(1) * codes.dim(2);
    int each = Math.toIntExact(z.elements() / BATCH);
    int[][] all = new int[latents.length][tokens];
    float[] flat = new float[BATCH * each];
    for (int begin = 0; begin < all.length; begin += BATCH) {
      int count = Math.min(BATCH, all.length - begin);
      for (int i = 0; i < count; i++) {
        System.arraycopy(latents[begin + i], 0, flat, i * each, each);
      }
      program.write(z, flat);
      program.run();
      byte[] read = program.readBytes(codes);
      int[] found = new int[BATCH * tokens];
      ByteBuffer.wrap(read).order(ByteOrder.nativeOrder()).asIntBuffer().get(found);
      for (int i = 0; i < count; i++) {
        all[begin + i] = Arrays.copyOfRange(found, i * tokens, (i + 1) * tokens);
      }
    }
    return all;
  }
}

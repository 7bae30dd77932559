package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulAlgoCheck;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulAlgoGetHeuristic;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceSetAttribute;

import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.cuda.CublasLt.Described;
import dev.fizzy.engine.cuda.CublasLt.Product;
import dev.fizzy.engine.cuda.CublasLt.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.bytedeco.cuda.cublas.cublasLtContext;
import org.bytedeco.cuda.cublas.cublasLtMatmulAlgo_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulDescOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulPreferenceOpaque_t;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the algorithm of a product: the fastest of the best eight that cuBLASLt's heuristic names
 * and that run. cuBLASLt allows an algorithm to be stored and used again with the same version of
 * the library.
 */
final class CublasAlgorithms {
  private static final Logger log = LoggerFactory.getLogger(CublasAlgorithms.class);

  private static final int TRIED = 8;
  private static final int WORDS = 8; // of an algorithm

  /**
   * Size that NVIDIA recommends for Hopper; an upper limit, of which a product uses what it needs.
   */
  private static final long WORKSPACE = 32 << 20;

  /** Bytes of which every operand's address is a multiple: weights are used in place. */
  private static final int ALIGNMENT = Parameters.NARROW_ALIGNMENT;

  private final cublasLtContext handle;
  private final CUstream_st stream;
  private final String machine;
  private final Choices choices;

  /**
   * @param machine GPU and library version, for the keys of the choices
   */
  CublasAlgorithms(cublasLtContext handle, CUstream_st stream, String machine, Choices choices) {
    this.handle = handle;
    this.stream = stream;
    this.machine = machine;
    this.choices = choices;
  }

  /** The algorithm of a product and its workspace, or null if there is none. */
  cublasLtMatmulHeuristicResult_t choose(Product product) {
    String key = machine + ", " + product.shape();
    Described d = product.described();
    try {
      synchronized (choices) {
        String kept = choices.find(key);
        cublasLtMatmulHeuristicResult_t known = kept == null ? null : restore(kept, d);
        return known == null ? search(key, product, d) : known;
      }
    } finally {
      cublasLtMatmulDescDestroy(d.product());
    }
  }

  private cublasLtMatmulHeuristicResult_t restore(String kept, Described d) {
    String[] words = kept.strip().split(" ");
    cublasLtMatmulHeuristicResult_t result = new cublasLtMatmulHeuristicResult_t();
    try (cublasLtMatmulAlgo_t algorithm = new cublasLtMatmulAlgo_t()) {
      for (int i = 0; i < WORDS; i++) {
        algorithm.data(i, Long.parseUnsignedLong(words[i], 16));
      }
      result.algo(algorithm);
      int status =
          cublasLtMatmulAlgoCheck(
              handle, d.product(), d.a(), d.b(), d.d(), d.d(), algorithm, result);
      return status == 0 && usable(result) ? result.algo(algorithm) : null;
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return null;
    }
  }

  private static String text(cublasLtMatmulHeuristicResult_t result) {
    StringJoiner words = new StringJoiner(" ");
    for (int i = 0; i < WORDS; i++) {
      words.add(Long.toHexString(result.algo().data(i)));
    }
    return words.toString();
  }

  /** The other fields of a result are valid only in the state of success. */
  private static boolean usable(cublasLtMatmulHeuristicResult_t result) {
    return result.state() == 0 && result.workspaceSize() <= WORKSPACE;
  }

  private cublasLtMatmulHeuristicResult_t search(String key, Product product, Described d) {
    List<cublasLtMatmulHeuristicResult_t> found = found(d);
    if (found.isEmpty()) {
      return null;
    }
    cublasLtMatmulHeuristicResult_t best = best(product, found);
    if (best != null) {
      choices.keep(key, text(best));
      return best;
    }
    return found.get(0);
  }

  private List<cublasLtMatmulHeuristicResult_t> found(Described d) {
    cublasLtMatmulHeuristicResult_t results = new cublasLtMatmulHeuristicResult_t(TRIED);
    try (PointerPointer<Pointer> made = new PointerPointer<>(1);
        IntPointer count = new IntPointer(1).put(0)) {
      CublasLt.check(cublasLtMatmulPreferenceCreate(made), "asking cuBLAS");
      cublasLtMatmulPreferenceOpaque_t wish =
          new cublasLtMatmulPreferenceOpaque_t(made.get(Pointer.class, 0));
      try {
        prefer(wish);
        int status =
            cublasLtMatmulAlgoGetHeuristic(
                handle, d.product(), d.a(), d.b(), d.d(), d.d(), wish, TRIED, results, count);
        List<cublasLtMatmulHeuristicResult_t> all = new ArrayList<>();
        for (int i = 0; status == 0 && i < count.get(); i++) {
          cublasLtMatmulHeuristicResult_t result = results.getPointer(i);
          if (usable(result)) {
            all.add(result);
          }
        }
        return all;
      } finally {
        cublasLtMatmulPreferenceDestroy(wish);
      }
    }
  }

  /**
   * Parts of a product are added in f32 and in a fixed order, or not at all: the other schemes add
   * them in the type of the result, or as they arrive.
   */
  private static void prefer(cublasLtMatmulPreferenceOpaque_t wish) {
    try (SizeTPointer most = new SizeTPointer(1).put(WORKSPACE);
        IntPointer scheme = new IntPointer(1).put(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE);
        IntPointer alignment = new IntPointer(1).put(ALIGNMENT)) {
      set(wish, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, most, Long.BYTES);
      set(wish, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, scheme, Integer.BYTES);
      for (int operand :
          new int[] {
            CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES,
            CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
            CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES,
            CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES
          }) {
        set(wish, operand, alignment, Integer.BYTES);
      }
    }
  }

  private static void set(
      cublasLtMatmulPreferenceOpaque_t wish, int attribute, Pointer value, long bytes) {
    CublasLt.check(
        cublasLtMatmulPreferenceSetAttribute(wish, attribute, value, bytes), "asking cuBLAS");
  }

  /** The fastest that runs; null if none does, or if there is no memory to run any. */
  private cublasLtMatmulHeuristicResult_t best(
      Product product, List<cublasLtMatmulHeuristicResult_t> found) {
    Shape shape = product.shape();
    long[] bytes = shape.bytes();
    long workspace = found.stream().mapToLong(r -> r.workspaceSize()).max().orElse(0);
    try (Trial trial = new Trial(stream, bytes[0], bytes[1], bytes[2], bytes[3], workspace)) {
      if (!trial.fits()) {
        log.debug("{}: no memory to time algorithms", shape);
        return null;
      }
      cublasLtMatmulDescOpaque_t described = product.describe(trial.block(2));
      try {
        Pointer d = trial.block(3);
        return trial.best(
            shape,
            found,
            result -> text(result) + ", " + result.workspaceSize() + " bytes",
            result ->
                product.run(
                    described, trial.block(0), trial.block(1), d, d, result, trial.block(4)));
      } finally {
        cublasLtMatmulDescDestroy(described);
      }
    }
  }
}

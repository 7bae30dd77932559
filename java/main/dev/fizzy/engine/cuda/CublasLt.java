package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cublas.CUBLASLT_EPILOGUE_BGRADB;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_EPILOGUE_BIAS;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_EPILOGUE_DEFAULT;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_BIAS_POINTER;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_EPILOGUE;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_TRANSA;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_TRANSB;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET;
import static org.bytedeco.cuda.global.cublas.CUBLAS_COMPUTE_32F;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_T;
import static org.bytedeco.cuda.global.cublas.cublasLtCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtGetVersion;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmul;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescSetAttribute;
import static org.bytedeco.cuda.global.cublas.cublasLtMatrixLayoutCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtMatrixLayoutDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtMatrixLayoutSetAttribute;
import static org.bytedeco.cuda.global.cudart.CUDA_R_16BF;
import static org.bytedeco.cuda.global.cudart.CUDA_R_32F;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.cublas.cublasLtContext;
import org.bytedeco.cuda.cublas.cublasLtMatmulDescOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.bytedeco.cuda.cublas.cublasLtMatrixLayoutOpaque_t;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Matrix products by cuBLASLt. f32 stays f32 (no TF32), so that GPU and CPU agree; bf16 is summed
 * in f32 on the tensor cores. {@link CublasAlgorithms} chooses the algorithm.
 */
final class CublasLt implements AutoCloseable {
  /**
   * An aligned address, not null: the heuristic may reject a bias without an address, but does not
   * read it.
   */
  private static final long SOME_ADDRESS = 256;

  /**
   * D [m,n] = alpha op(A) op(B) + beta C in cuBLAS' column-major layout: a row-major matrix [r,c]
   * is a [c,r] there, with leading dimension c.
   *
   * @param epilogue what is computed in the same pass
   */
  record Shape(
      DType in,
      DType out,
      int batch,
      long m,
      long n,
      long k,
      boolean transposeA,
      boolean transposeB,
      Epilogue epilogue,
      boolean add,
      float alpha) {
    /** The bytes of A, B, the epilogue's vector and D. */
    long[] bytes() {
      long elements =
          switch (epilogue) {
            case NONE -> 0;
            case BIAS -> m;
            case BIAS_GRADIENT -> n;
          };
      return new long[] {
        batch * m * k * in.bytes,
        batch * n * k * in.bytes,
        elements * out.bytes,
        batch * m * n * out.bytes
      };
    }

    /** The same product with an epilogue. */
    Shape with(Epilogue epilogue) {
      return new Shape(in, out, batch, m, n, k, transposeA, transposeB, epilogue, add, alpha);
    }
  }

  /** What a product computes in the same pass, on a vector of D's type. */
  enum Epilogue {
    NONE(CUBLASLT_EPILOGUE_DEFAULT),
    /** The vector is added to D, one value for each row. */
    BIAS(CUBLASLT_EPILOGUE_BIAS),
    /** The vector becomes the sum of op(B) over k, one value for each column of D. */
    BIAS_GRADIENT(CUBLASLT_EPILOGUE_BGRADB);

    private final int code;

    Epilogue(int code) {
      this.code = code;
    }
  }

  /** The descriptors of a product; A, B and D are matrices in memory. */
  record Described(
      cublasLtMatmulDescOpaque_t product,
      cublasLtMatrixLayoutOpaque_t a,
      cublasLtMatrixLayoutOpaque_t b,
      cublasLtMatrixLayoutOpaque_t d) {}

  private final CUstream_st stream;
  private final cublasLtContext handle = new cublasLtContext();
  private final CublasAlgorithms algorithms;
  private final List<Runnable> held = new ArrayList<>();

  /**
   * @param gpu the kind of GPU, for the keys of the choices
   */
  CublasLt(CUstream_st stream, String gpu, Choices choices) {
    this.stream = stream;
    check(cublasLtCreate(handle), "opening cuBLAS");
    algorithms =
        new CublasAlgorithms(handle, stream, gpu + ", cuBLASLt " + cublasLtGetVersion(), choices);
  }

  static void check(int status, String what) {
    if (status != 0) {
      throw new EngineException(what + ": cuBLAS fails with status " + status);
    }
  }

  /** A prepared product; {@link #bind} sets addresses. */
  final class Product {
    private final Shape shape;
    private final cublasLtMatrixLayoutOpaque_t a;
    private final cublasLtMatrixLayoutOpaque_t b;
    private final cublasLtMatrixLayoutOpaque_t d;
    private final cublasLtMatmulHeuristicResult_t chosen;
    private final FloatPointer alpha;
    private final FloatPointer beta;

    Product(Shape s) {
      this.shape = s;
      this.a = layout(s.in, s.transposeA ? s.k : s.m, s.transposeA ? s.m : s.k, s.batch);
      this.b = layout(s.in, s.transposeB ? s.n : s.k, s.transposeB ? s.k : s.n, s.batch);
      this.d = layout(s.out, s.m, s.n, s.batch);
      this.alpha = new FloatPointer(1).put(s.alpha);
      this.beta = new FloatPointer(1).put(s.add ? 1 : 0);
      this.chosen = algorithms.choose(this);
    }

    Shape shape() {
      return shape;
    }

    /** Descriptors without addresses, to choose an algorithm; free the product after use. */
    Described described() {
      return new Described(describe(null), a, b, d);
    }

    cublasLtMatmulDescOpaque_t describe(Pointer vector) {
      try (PointerPointer<Pointer> made = new PointerPointer<>(1);
          IntPointer value = new IntPointer(1)) {
        check(cublasLtMatmulDescCreate(made, CUBLAS_COMPUTE_32F, CUDA_R_32F), "a product");
        cublasLtMatmulDescOpaque_t product =
            new cublasLtMatmulDescOpaque_t(made.get(Pointer.class, 0));
        value.put(CUBLAS_OP_T);
        if (shape.transposeA) {
          set(product, CUBLASLT_MATMUL_DESC_TRANSA, value, Integer.BYTES);
        }
        if (shape.transposeB) {
          set(product, CUBLASLT_MATMUL_DESC_TRANSB, value, Integer.BYTES);
        }
        if (shape.epilogue != Epilogue.NONE) {
          value.put(shape.epilogue.code);
          set(product, CUBLASLT_MATMUL_DESC_EPILOGUE, value, Integer.BYTES);
          try (LongPointer address = new LongPointer(1)) {
            address.put(vector == null ? SOME_ADDRESS : vector.address());
            set(product, CUBLASLT_MATMUL_DESC_BIAS_POINTER, address, Long.BYTES);
          }
        }
        return product;
      }
    }

    private void set(cublasLtMatmulDescOpaque_t product, int what, Pointer value, long bytes) {
      check(cublasLtMatmulDescSetAttribute(product, what, value, bytes), "describing a product");
    }

    long workspaceBytes() {
      return chosen.workspaceSize();
    }

    /**
     * @param vector device address of the epilogue's, or null
     * @param c the matrix to add, or null; may be d
     */
    Runnable bind(Pointer a, Pointer b, Pointer vector, Pointer c, Pointer d, Pointer workspace) {
      cublasLtMatmulDescOpaque_t product = describe(vector);
      held.add(() -> cublasLtMatmulDescDestroy(product));
      return run(product, a, b, c == null ? d : c, d, chosen, workspace);
    }

    /**
     * @param product describes the epilogue and its vector
     */
    Runnable run(
        cublasLtMatmulDescOpaque_t product,
        Pointer a,
        Pointer b,
        Pointer c,
        Pointer d,
        cublasLtMatmulHeuristicResult_t algorithm,
        Pointer workspace) {
      long bytes = algorithm.workspaceSize();
      return () ->
          check(
              cublasLtMatmul(
                  handle,
                  product,
                  alpha,
                  a,
                  this.a,
                  b,
                  this.b,
                  beta,
                  c,
                  this.d,
                  d,
                  this.d,
                  algorithm.algo(),
                  workspace,
                  bytes,
                  stream),
              "a matrix product");
    }
  }

  private cublasLtMatrixLayoutOpaque_t layout(DType type, long rows, long columns, int batch) {
    try (PointerPointer<Pointer> made = new PointerPointer<>(1);
        IntPointer count = new IntPointer(1).put(batch);
        LongPointer stride = new LongPointer(1).put(rows * columns)) {
      check(
          cublasLtMatrixLayoutCreate(
              made, type == DType.BF16 ? CUDA_R_16BF : CUDA_R_32F, rows, columns, rows),
          "a matrix");
      cublasLtMatrixLayoutOpaque_t layout =
          new cublasLtMatrixLayoutOpaque_t(made.get(Pointer.class, 0));
      held.add(() -> cublasLtMatrixLayoutDestroy(layout));
      if (batch > 1) {
        check(
            cublasLtMatrixLayoutSetAttribute(
                layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, count, Integer.BYTES),
            "a matrix");
        check(
            cublasLtMatrixLayoutSetAttribute(
                layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, stride, Long.BYTES),
            "a matrix");
      }
      return layout;
    }
  }

  /** The product, or null if cuBLASLt does not offer it. */
  Product find(Shape shape) {
    Product product = new Product(shape);
    return product.chosen == null ? null : product;
  }

  /** The product; throws if cuBLASLt does not offer it. */
  Product prepare(Shape shape) {
    Product product = find(shape);
    if (product == null) {
      throw new EngineException("cuBLAS has no algorithm for " + shape);
    }
    return product;
  }

  /** A product of square matrices, to measure the peak. */
  Product square(DType type, int n) {
    return prepare(new Shape(type, type, 1, n, n, n, false, false, Epilogue.NONE, false, 1));
  }

  @Override
  public void close() {
    held.forEach(Runnable::run);
    cublasLtDestroy(handle);
  }
}

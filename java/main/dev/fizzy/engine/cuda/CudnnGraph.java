package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudnn.*;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.cuda.Cudnn.Shape;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.cudnn.cudnnContext;

/** Describes the operations of a shape to cuDNN. */
final class CudnnGraph {
  private static final long ALIGNMENT = Parameters.NARROW_ALIGNMENT; // others have more

  // Ids of tensors that have no memory.
  private static final long PRODUCT = 6;
  private static final long BIASED = 7;

  private final Shape s;
  private final cudnnContext handle;
  private final List<CudnnDescriptor> made;

  CudnnGraph(Shape s, cudnnContext handle, List<CudnnDescriptor> made) {
    this.s = s;
    this.handle = handle;
    this.made = made;
  }

  private CudnnDescriptor make(int kind) {
    CudnnDescriptor descriptor = new CudnnDescriptor(kind);
    made.add(descriptor);
    return descriptor;
  }

  CudnnDescriptor describe() {
    List<CudnnDescriptor> operations = new ArrayList<>();
    boolean fused = s.bias() || s.residual();
    CudnnDescriptor x = image(Cudnn.X, s.type(), s.height(), s.width(), s.cin(), false);
    CudnnDescriptor w = tensor(Cudnn.W, s.weights(), s.cout(), s.cin(), s.k(), s.k(), false);
    CudnnDescriptor y =
        image(
            fused ? PRODUCT : Cudnn.Y,
            fused ? DType.F32 : s.type(),
            s.outHeight(),
            s.outWidth(),
            s.cout(),
            fused);
    operations.add(convolution(x, w, y));
    CudnnDescriptor result = y;
    if (s.bias()) {
      CudnnDescriptor bias = tensor(Cudnn.BIAS, DType.F32, 1, s.cout(), 1, 1, false);
      CudnnDescriptor sum =
          image(
              s.residual() ? BIASED : Cudnn.Y,
              s.residual() ? DType.F32 : s.type(),
              s.outHeight(),
              s.outWidth(),
              s.cout(),
              s.residual());
      operations.add(sum(result, bias, sum));
      result = sum;
    }
    if (s.residual()) {
      CudnnDescriptor residual =
          image(Cudnn.RESIDUAL, s.type(), s.outHeight(), s.outWidth(), s.cout(), false);
      operations.add(
          sum(
              result,
              residual,
              image(Cudnn.Y, s.type(), s.outHeight(), s.outWidth(), s.cout(), false)));
    }
    return make(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR)
        .handle(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, handle)
        .descriptors(CUDNN_ATTR_OPERATIONGRAPH_OPS, operations.toArray(new CudnnDescriptor[0]))
        .finish("the graph of a convolution");
  }

  private CudnnDescriptor image(
      long name, DType type, int height, int width, int channels, boolean virtual) {
    return tensor(name, type, s.batch(), channels, height, width, virtual);
  }

  /** Dimensions in cuDNN's order, with channels second; in memory channels are last. */
  private CudnnDescriptor tensor(
      long name, DType type, long n, long c, long h, long w, boolean virtual) {
    return make(CUDNN_BACKEND_TENSOR_DESCRIPTOR)
        .number(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, code(type))
        .longs(CUDNN_ATTR_TENSOR_DIMENSIONS, n, c, h, w)
        .longs(CUDNN_ATTR_TENSOR_STRIDES, h * w * c, 1, w * c, c)
        .longs(CUDNN_ATTR_TENSOR_UNIQUE_ID, name)
        .longs(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, ALIGNMENT)
        .flag(CUDNN_ATTR_TENSOR_IS_VIRTUAL, virtual)
        .finish("a tensor");
  }

  private static int code(DType type) {
    return type == DType.BF16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
  }

  private CudnnDescriptor convolution(CudnnDescriptor x, CudnnDescriptor w, CudnnDescriptor y) {
    CudnnDescriptor window =
        make(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR)
            .number(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT)
            .number(
                CUDNN_ATTR_CONVOLUTION_CONV_MODE,
                CUDNN_TYPE_CONVOLUTION_MODE,
                CUDNN_CROSS_CORRELATION)
            .longs(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, 2)
            .longs(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, s.top(), s.left())
            .longs(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, s.bottom(), s.right())
            .longs(CUDNN_ATTR_CONVOLUTION_DILATIONS, 1, 1)
            .longs(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, s.stride(), s.stride())
            .finish("a convolution");
    float beta = s.accumulate() ? 1 : 0;
    return switch (s.direction()) {
      case FORWARD ->
          make(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR)
              .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, x)
              .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, w)
              .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, y)
              .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, window)
              .number(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, 1f)
              .number(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, beta)
              .finish("a convolution");
      case DATA ->
          make(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR)
              .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, x)
              .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, w)
              .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, y)
              .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, window)
              .number(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, 1f)
              .number(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, beta)
              .finish("a data gradient");
      case WEIGHTS ->
          make(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR)
              .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X, x)
              .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW, w)
              .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY, y)
              .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC, window)
              .number(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA, 1f)
              .number(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA, beta)
              .finish("a weight gradient");
    };
  }

  private CudnnDescriptor sum(CudnnDescriptor a, CudnnDescriptor b, CudnnDescriptor y) {
    CudnnDescriptor add =
        make(CUDNN_BACKEND_POINTWISE_DESCRIPTOR)
            .number(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, CUDNN_POINTWISE_ADD)
            .number(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT)
            .finish("a sum");
    return make(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR)
        .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, add)
        .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, a)
        .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, b)
        .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y)
        .finish("a sum");
  }
}

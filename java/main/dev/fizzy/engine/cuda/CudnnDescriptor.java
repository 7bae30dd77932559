package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_BACKEND_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_BOOLEAN;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_CHAR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_FLOAT;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_HANDLE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_INT64;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_VOID_PTR;
import static org.bytedeco.cuda.global.cudnn.cudnnBackendCreateDescriptor;
import static org.bytedeco.cuda.global.cudnn.cudnnBackendDestroyDescriptor;
import static org.bytedeco.cuda.global.cudnn.cudnnBackendFinalize;
import static org.bytedeco.cuda.global.cudnn.cudnnBackendGetAttribute;
import static org.bytedeco.cuda.global.cudnn.cudnnBackendSetAttribute;
import static org.bytedeco.cuda.global.cudnn.cudnnGetLastErrorString;

import dev.fizzy.engine.EngineException;
import java.nio.charset.StandardCharsets;
import org.bytedeco.cuda.cudnn.cudnnBackendDescriptor_t;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** A descriptor of cuDNN's graph API: set attributes, finalize it, then read attributes. */
final class CudnnDescriptor implements AutoCloseable {
  private final cudnnBackendDescriptor_t descriptor = new cudnnBackendDescriptor_t();

  /**
   * @param kind a CUDNN_BACKEND_..._DESCRIPTOR
   */
  CudnnDescriptor(int kind) {
    check(cudnnBackendCreateDescriptor(kind, descriptor), "a descriptor of kind " + kind);
  }

  static void check(int status, String what) {
    if (status != 0) {
      throw refused(status, what);
    }
  }

  static EngineException refused(int status, String what) {
    try (BytePointer text = new BytePointer(512)) {
      text.put(0, (byte) 0);
      cudnnGetLastErrorString(text, 512);
      return new EngineException(
          what + ": cuDNN fails with status " + status + " " + text.getString());
    }
  }

  cudnnBackendDescriptor_t get() {
    return descriptor;
  }

  private CudnnDescriptor set(int attribute, int type, long count, Pointer values) {
    check(
        cudnnBackendSetAttribute(descriptor, attribute, type, count, values),
        "attribute " + attribute);
    return this;
  }

  CudnnDescriptor longs(int attribute, long... values) {
    try (LongPointer p = new LongPointer(values)) {
      return set(attribute, CUDNN_TYPE_INT64, values.length, p);
    }
  }

  /**
   * @param type CUDNN_TYPE_DATA_TYPE or that of another enumeration
   */
  CudnnDescriptor number(int attribute, int type, int value) {
    try (IntPointer p = new IntPointer(1).put(value)) {
      return set(attribute, type, 1, p);
    }
  }

  CudnnDescriptor flag(int attribute, boolean value) {
    try (BoolPointer p = new BoolPointer(1).put(value)) {
      return set(attribute, CUDNN_TYPE_BOOLEAN, 1, p);
    }
  }

  CudnnDescriptor number(int attribute, float value) {
    try (FloatPointer p = new FloatPointer(1).put(value)) {
      return set(attribute, CUDNN_TYPE_FLOAT, 1, p);
    }
  }

  CudnnDescriptor descriptors(int attribute, CudnnDescriptor... values) {
    try (PointerPointer<Pointer> p = new PointerPointer<>(values.length)) {
      for (int i = 0; i < values.length; i++) {
        p.put(i, values[i].descriptor);
      }
      return set(attribute, CUDNN_TYPE_BACKEND_DESCRIPTOR, values.length, p);
    }
  }

  CudnnDescriptor text(int attribute, String value) {
    try (BytePointer p = new BytePointer(value, StandardCharsets.UTF_8)) {
      return set(attribute, CUDNN_TYPE_CHAR, p.limit() - 1, p);
    }
  }

  CudnnDescriptor handle(int attribute, Pointer handle) {
    return pointers(attribute, CUDNN_TYPE_HANDLE, handle);
  }

  CudnnDescriptor addresses(int attribute, Pointer... values) {
    return pointers(attribute, CUDNN_TYPE_VOID_PTR, values);
  }

  private CudnnDescriptor pointers(int attribute, int type, Pointer... values) {
    try (PointerPointer<Pointer> p = new PointerPointer<>(values.length)) {
      for (int i = 0; i < values.length; i++) {
        p.put(i, values[i]);
      }
      return set(attribute, type, values.length, p);
    }
  }

  CudnnDescriptor finish(String what) {
    check(cudnnBackendFinalize(descriptor), what);
    return this;
  }

  boolean finished() {
    return cudnnBackendFinalize(descriptor) == 0;
  }

  long readLong(int attribute) {
    try (LongPointer value = new LongPointer(1);
        LongPointer count = new LongPointer(1)) {
      check(
          cudnnBackendGetAttribute(descriptor, attribute, CUDNN_TYPE_INT64, 1, count, value),
          "reading attribute " + attribute);
      return value.get();
    }
  }

  /** Reads up to {@code most} numbers of an enumeration. */
  int[] readNumbers(int attribute, int type, int most) {
    try (IntPointer values = new IntPointer(most);
        LongPointer count = new LongPointer(1)) {
      check(
          cudnnBackendGetAttribute(descriptor, attribute, type, most, count, values),
          "reading attribute " + attribute);
      int[] read = new int[(int) Math.min(most, count.get())];
      values.get(read);
      return read;
    }
  }

  /** Reads a text; empty if the descriptor does not offer it. */
  String readText(int attribute) {
    try (LongPointer count = new LongPointer(1).put(0)) {
      int status = cudnnBackendGetAttribute(descriptor, attribute, CUDNN_TYPE_CHAR, 0, count, null);
      if (status != 0 || count.get() == 0) {
        return "";
      }
      try (BytePointer text = new BytePointer(count.get() + 1)) {
        text.put(count.get(), (byte) 0);
        check(
            cudnnBackendGetAttribute(
                descriptor, attribute, CUDNN_TYPE_CHAR, count.get(), count, text),
            "reading attribute " + attribute);
        return text.getString(StandardCharsets.UTF_8);
      }
    }
  }

  /** Fills existing descriptors and returns how many were filled. */
  int readDescriptors(int attribute, CudnnDescriptor... into) {
    try (PointerPointer<Pointer> p = new PointerPointer<>(into.length);
        LongPointer count = new LongPointer(1)) {
      for (int i = 0; i < into.length; i++) {
        p.put(i, into[i].descriptor);
      }
      int status =
          cudnnBackendGetAttribute(
              descriptor, attribute, CUDNN_TYPE_BACKEND_DESCRIPTOR, into.length, count, p);
      return status == 0 ? (int) Math.min(into.length, count.get()) : 0;
    }
  }

  @Override
  public void close() {
    cudnnBackendDestroyDescriptor(descriptor);
  }
}

package dev.fizzy.alignment.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.fizzy.alignment.Box;
import dev.fizzy.alignment.Detection;
import dev.fizzy.alignment.FaceDetector;
import dev.fizzy.alignment.Landmarks;
import dev.fizzy.alignment.Photo;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.OnnxRuntime;
import dev.fizzy.image.AreaResampler;
import dev.fizzy.image.Rgb;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A face detector with five landmarks from an ONNX file: {@link YuNet} or {@link Scrfd}, recognized
 * by their outputs, run by ONNX Runtime on one thread. A photo is scaled to fit the input (640 x
 * 640 if the file leaves the size free) and placed at its top left on black.
 */
public final class OnnxDetector implements FaceDetector {
  private static final int DEFAULT_SIZE = 640;

  private final Path file;
  private final OrtEnvironment environment = OnnxRuntime.environment();
  private final OrtSession session;
  private final String input;
  private final int width;
  private final int height;
  private final Head head;
  private final double threshold;

  /**
   * @param threshold minimum score of a face; 0 for the detector's default
   */
  public static OnnxDetector open(Path file, double threshold) {
    if (!Files.isReadable(file)) {
      throw new FileException("the detector " + file + " does not exist or cannot be read");
    }
    try {
      return new OnnxDetector(file, threshold);
    } catch (OrtException e) {
      throw new FileException("the detector " + file + " cannot be used: " + firstLine(e), e);
    }
  }

  private OnnxDetector(Path file, double threshold) throws OrtException {
    this.file = file;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(file.toString(), options);
    }
    boolean done = false;
    try {
      input = session.getInputNames().iterator().next();
      long[] shape = inputShape();
      height = shape[2] > 0 ? Math.toIntExact(shape[2]) : DEFAULT_SIZE;
      width = shape[3] > 0 ? Math.toIntExact(shape[3]) : DEFAULT_SIZE;
      Map<String, Head.Output> outputs = run(new float[3 * width * height]);
      head = Head.of(outputs, width, height);
      if (head == null) {
        throw new FileException(
            "the detector "
                + file
                + " has outputs "
                + shapes(outputs)
                + "; expected those of YuNet (2023) or of SCRFD with key points");
      }
      this.threshold = threshold > 0 ? threshold : head.threshold();
      done = true;
    } finally {
      if (!done) {
        session.close();
      }
    }
  }

  private long[] inputShape() throws OrtException {
    if (!(session.getInputInfo().get(input).getInfo() instanceof TensorInfo info)
        || info.type != OnnxJavaType.FLOAT
        || info.getShape().length != 4
        || info.getShape()[0] > 1
        || info.getShape()[1] != 3) {
      throw new FileException(
          "the detector "
              + file
              + " takes "
              + session.getInputInfo().get(input).getInfo()
              + "; expected float [1, 3, height, width]");
    }
    return info.getShape();
  }

  private static String shapes(Map<String, Head.Output> outputs) {
    List<String> all = new ArrayList<>();
    outputs.forEach((name, o) -> all.add(name + " " + Arrays.toString(o.shape())));
    return String.join(", ", all.subList(0, Math.min(12, all.size())));
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** The kind of detector, its input size and its threshold. */
  public String description() {
    return head.name() + " " + width + " x " + height + ", threshold " + threshold;
  }

  @Override
  public List<List<Detection>> detect(List<Photo> photos) {
    return photos.stream().map(p -> detect(p.image())).toList();
  }

  private List<Detection> detect(Rgb image) {
    double fit = Math.min((double) width / image.width(), (double) height / image.height());
    int w = Math.max(1, (int) Math.round(image.width() * fit));
    int h = Math.max(1, (int) Math.round(image.height() * fit));
    Map<String, Head.Output> outputs;
    try {
      outputs = run(prepared(AreaResampler.resize(image, w, h)));
    } catch (OrtException e) {
      throw new FileException("the detector " + file + " failed: " + firstLine(e), e);
    }
    List<Head.Candidate> found = suppress(head.faces(outputs, width, height, threshold));
    double x = (double) image.width() / w;
    double y = (double) image.height() / h;
    List<Detection> faces = new ArrayList<>();
    for (Head.Candidate f : found) {
      double[] b = scaled(f.box(), x, y);
      double[] points = scaled(f.points(), x, y);
      if (Arrays.stream(points).allMatch(Double::isFinite)) {
        faces.add(new Detection(new Box(b[0], b[1], b[2], b[3]), f.score(), new Landmarks(points)));
      }
    }
    return faces;
  }

  private static double[] scaled(double[] xy, double x, double y) {
    double[] result = xy.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] *= i % 2 == 0 ? x : y;
    }
    return result;
  }

  /** The network's input as planes; black outside the image. */
  private float[] prepared(Rgb image) {
    float shift = head.normalization()[0];
    float scale = head.normalization()[1];
    float[] planes = new float[3 * width * height];
    Arrays.fill(planes, -shift / scale);
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        for (int c = 0; c < 3; c++) {
          int v = image.pixels()[3 * (y * image.width() + x) + c] & 255;
          int plane = head.isRgb() ? c : 2 - c;
          planes[(plane * height + y) * width + x] = (v - shift) / scale;
        }
      }
    }
    return planes;
  }

  private Map<String, Head.Output> run(float[] planes) throws OrtException {
    long[] shape = {1, 3, height, width};
    Map<String, Head.Output> outputs = new LinkedHashMap<>();
    try (OnnxTensor x = OnnxTensor.createTensor(environment, FloatBuffer.wrap(planes), shape);
        OrtSession.Result result = session.run(Map.of(input, x))) {
      for (var entry : result) {
        if (entry.getValue() instanceof OnnxTensor t && t.getInfo().type == OnnxJavaType.FLOAT) {
          FloatBuffer buffer = t.getFloatBuffer();
          float[] values = new float[buffer.remaining()];
          buffer.get(values);
          int[] extents =
              Arrays.stream(t.getInfo().getShape()).mapToInt(Math::toIntExact).toArray();
          if (extents.length > 0) {
            outputs.put(entry.getKey(), new Head.Output(extents, values));
          }
        }
      }
    }
    return outputs;
  }

  /** Non-maximum suppression; the highest score first. */
  private List<Head.Candidate> suppress(List<Head.Candidate> found) {
    List<Head.Candidate> order = new ArrayList<>(found);
    order.sort(Comparator.comparingDouble(Head.Candidate::score).reversed());
    List<Head.Candidate> kept = new ArrayList<>();
    for (Head.Candidate f : order) {
      if (kept.stream().noneMatch(k -> overlap(k.box(), f.box()) > head.overlap())) {
        kept.add(f);
      }
    }
    return kept;
  }

  private static double overlap(double[] a, double[] b) {
    double w = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
    double h = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
    double common = Math.max(0, w) * Math.max(0, h);
    double whole = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common;
    return common / whole;
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new FileException("the detector " + file + " cannot be closed: " + firstLine(e), e);
    }
  }
}

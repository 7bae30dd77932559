package dev.fizzy.alignment.mtcnn;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.fizzy.alignment.Detection;
import dev.fizzy.identity.OnnxRuntime;
import dev.fizzy.image.AreaResampler;
import dev.fizzy.image.Rgb;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/**
 * MTCNN as its published programs run it, with the networks in ONNX Runtime: one image at a time,
 * P-Net once per level, the other two once each on all candidates of the image. Pyramid,
 * suppression and cropping are Fizzy's.
 */
public final class OnnxMtcnn implements AutoCloseable {
  private final MtcnnOptions options = MtcnnOptions.DEFAULT;
  private final OrtSession proposal;
  private final OrtSession refinement;
  private final OrtSession output;
  private long nanos;

  public OnnxMtcnn(MtcnnWeightFiles weights, int threads) throws OrtException {
    proposal =
        open(
            new OnnxModel(weights.proposal())
                .convolution(1)
                .pool(2)
                .convolution(2)
                .convolution(3)
                .head("conv4_1", true)
                .head("conv4_2", true),
            threads);
    refinement =
        open(
            new OnnxModel(weights.refinement())
                .convolution(1)
                .pool(3)
                .convolution(2)
                .pool(3)
                .convolution(3)
                .flatten()
                .dense(4)
                .head("dense5_1", false)
                .head("dense5_2", false),
            threads);
    output =
        open(
            new OnnxModel(weights.output())
                .convolution(1)
                .pool(3)
                .convolution(2)
                .pool(3)
                .convolution(3)
                .pool(2)
                .convolution(4)
                .flatten()
                .dense(5)
                .head("dense6_1", false)
                .head("dense6_2", false)
                .head("dense6_3", false),
            threads);
  }

  private static OrtSession open(OnnxModel model, int threads) throws OrtException {
    try (OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
      settings.setIntraOpNumThreads(threads);
      settings.setInterOpNumThreads(1);
      return OnnxRuntime.environment().createSession(model.bytes(), settings);
    }
  }

  /** Nanoseconds spent in the networks so far. */
  public long nanos() {
    return nanos;
  }

  /** The faces of one image. */
  public List<Detection> detect(Rgb image) throws OrtException {
    Proposals all = new Proposals();
    List<Pyramid.Size> sizes =
        Pyramid.sizes(
            image.width(), image.height(), options.minFace(image.width(), image.height()));
    for (Rgb level : Pyramid.levels(image, sizes)) {
      Proposals proposals = propose(image, level);
      proposals.suppress(Mtcnn.LEVEL_OVERLAP, false);
      all.addAll(proposals);
    }
    Mtcnn.prepare(all, 0);
    Proposals refined = new Proposals();
    float[][] values = look(image, all, refinement, 24, 2);
    for (int i = 0; i < all.count(); i++) {
      float difference = values[0][2 * i + 1] - values[0][2 * i];
      if (difference > Mtcnn.margin(options.thresholds()[1])) {
        refined.addScored(all, i, Mtcnn.probability(difference), values[1], 4 * i);
      }
    }
    Mtcnn.prepare(refined, 1);
    Proposals finished = new Proposals();
    values = look(image, refined, output, 48, 3);
    float[] joined = new float[16];
    for (int i = 0; i < refined.count(); i++) {
      float difference = values[0][2 * i + 1] - values[0][2 * i];
      if (difference > Mtcnn.margin(options.thresholds()[2])) {
        System.arraycopy(values[1], 4 * i, joined, 2, 4);
        System.arraycopy(values[2], 10 * i, joined, 6, 10);
        Mtcnn.finish(finished, refined, i, Mtcnn.probability(difference), joined, 0);
      }
    }
    finished.correct(1);
    finished.suppress(Mtcnn.OVERLAP, true);
    return Mtcnn.detections(finished);
  }

  private Proposals propose(Rgb image, Rgb level) throws OrtException {
    int h = level.height();
    int w = level.width();
    float[][] values = run(proposal, planes(level.pixels(), 1, h, w), 2, 1, 3, h, w);
    Proposals into = new Proposals();
    int columns = (w - 10) / 2;
    int cells = columns * ((h - 10) / 2);
    double scaleX = (double) image.width() / w;
    double scaleY = (double) image.height() / h;
    float[] corrections = new float[4];
    for (int i = 0; i < cells; i++) {
      float difference = values[0][cells + i] - values[0][i];
      if (difference >= Mtcnn.margin(options.thresholds()[0])) {
        for (int k = 0; k < 4; k++) {
          corrections[k] = values[1][k * cells + i];
        }
        int x = 2 * (i % columns);
        int y = 2 * (i / columns);
        into.add(
            (int) ((x + 1) * scaleX),
            (int) ((y + 1) * scaleY),
            (int) ((x + 12) * scaleX),
            (int) ((y + 12) * scaleY),
            Mtcnn.probability(difference),
            corrections,
            0);
      }
    }
    return into;
  }

  private float[][] look(Rgb image, Proposals boxes, OrtSession network, int side, int outputs)
      throws OrtException {
    int n = boxes.count();
    if (n == 0) {
      return new float[outputs][0];
    }
    byte[] batch = new byte[3 * side * side * n];
    for (int i = 0; i < n; i++) {
      int left = (int) boxes.box(i, 0);
      int top = (int) boxes.box(i, 1);
      AreaResampler.part(
          image,
          left - 1,
          top - 1,
          (int) boxes.box(i, 2) - left + 1,
          (int) boxes.box(i, 3) - top + 1,
          side,
          side,
          batch,
          3 * side * side * i);
    }
    return run(network, planes(batch, n, side, side), outputs, n, 3, side, side);
  }

  private static FloatBuffer planes(byte[] pixels, int n, int h, int w) {
    float[] planes = new float[pixels.length];
    int plane = h * w;
    for (int image = 0; image < n; image++) {
      for (int i = 0; i < plane; i++) {
        for (int c = 0; c < 3; c++) {
          int v = pixels[3 * (image * plane + i) + c] & 255;
          planes[(3 * image + c) * plane + i] = (v - 127.5f) / 128;
        }
      }
    }
    return FloatBuffer.wrap(planes);
  }

  private float[][] run(OrtSession session, FloatBuffer x, int outputs, long... shape)
      throws OrtException {
    try (OnnxTensor input = OnnxTensor.createTensor(OnnxRuntime.environment(), x, shape)) {
      long begin = System.nanoTime();
      try (OrtSession.Result result = session.run(Map.of("x", input))) {
        nanos += System.nanoTime() - begin;
        float[][] values = new float[outputs][];
        for (int i = 0; i < outputs; i++) {
          FloatBuffer buffer = ((OnnxTensor) result.get(i)).getFloatBuffer();
          values[i] = new float[buffer.remaining()];
          buffer.get(values[i]);
        }
        return values;
      }
    }
  }

  @Override
  public void close() throws OrtException {
    proposal.close();
    refinement.close();
    output.close();
  }
}

package dev.fizzy.alignment.mtcnn;

import dev.fizzy.alignment.Box;
import dev.fizzy.alignment.Detection;
import dev.fizzy.alignment.FaceDetector;
import dev.fizzy.alignment.Landmarks;
import dev.fizzy.alignment.Photo;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.image.AreaResampler;
import dev.fizzy.image.Rgb;
import java.util.ArrayList;
import java.util.List;

/**
 * Multi-task cascaded networks (Zhang et al. 2016): P-Net proposes boxes over an image pyramid;
 * R-Net and O-Net reject and correct them, and O-Net adds five landmarks. The pyramid levels of
 * several images are packed onto P-Net's pages, and their candidates share the batches of the other
 * two.
 */
public final class Mtcnn implements FaceDetector {
  private static final int PAGE_HEIGHT = 320;
  private static final int PAGE_WIDTH = 320;
  private static final int REFINEMENT_BATCH = 64;
  private static final int OUTPUT_BATCH = 16;
  static final double LEVEL_OVERLAP = .5;
  static final double OVERLAP = .7;

  private final MtcnnOptions options;
  private final Network proposal;
  private final Network refinement;
  private final Network output;
  private final Device owned; // null if the caller closes the device

  /** On a device by name, opened for the calling thread. */
  public static Mtcnn open(String device, MtcnnWeightFiles weights, MtcnnOptions options) {
    Device opened = Devices.open(device, 1);
    try {
      return new Mtcnn(opened, weights, options, opened);
    } catch (RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  public Mtcnn(Device device, MtcnnWeightFiles weights, MtcnnOptions options) {
    this(device, weights, options, null);
  }

  private Mtcnn(Device device, MtcnnWeightFiles weights, MtcnnOptions options, Device owned) {
    this.options = options;
    this.owned = owned;
    proposal =
        new Network(
            device, weights.proposal(), MtcnnNetworks::proposal, 1, PAGE_HEIGHT, PAGE_WIDTH);
    refinement =
        new Network(
            device, weights.refinement(), MtcnnNetworks::refinement, REFINEMENT_BATCH, 24, 24);
    output = new Network(device, weights.output(), MtcnnNetworks::output, OUTPUT_BATCH, 48, 48);
  }

  @Override
  public List<List<Detection>> detect(List<Photo> photos) {
    List<Rgb> images = photos.stream().map(Photo::image).toList();
    List<Proposals> proposals = propose(images);
    proposals.forEach(p -> prepare(p, 0));
    List<Proposals> refined = new ArrayList<>();
    images.forEach(i -> refined.add(new Proposals()));
    classify(
        images,
        proposals,
        refinement,
        24,
        options.thresholds()[1],
        (image, from, i, score, values, at) ->
            refined.get(image).addScored(from, i, score, values, at + MtcnnNetworks.LOGITS));
    refined.forEach(p -> prepare(p, 1));
    List<Proposals> finished = new ArrayList<>();
    images.forEach(i -> finished.add(new Proposals()));
    classify(
        images,
        refined,
        output,
        48,
        options.thresholds()[2],
        (image, from, i, score, values, at) ->
            finish(finished.get(image), from, i, score, values, at));
    List<List<Detection>> detections = new ArrayList<>();
    for (Proposals p : finished) {
      p.correct(1);
      p.suppress(OVERLAP, true);
      detections.add(detections(p));
    }
    return detections;
  }

  /**
   * Prepares a network's proposals for the next one; {@code unit} as in {@link Proposals#correct}.
   */
  static void prepare(Proposals p, int unit) {
    p.suppress(OVERLAP, false);
    p.correct(unit);
    p.square();
    p.dropEmpty();
  }

  /** Runs P-Net over the pyramids of all images. */
  private List<Proposals> propose(List<Rgb> images) {
    Pages pages = new Pages(PAGE_WIDTH, PAGE_HEIGHT);
    List<List<Proposals>> byLevel = new ArrayList<>();
    List<List<Rgb>> pyramids = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      Rgb image = images.get(i);
      List<Pyramid.Size> sizes =
          Pyramid.sizes(
              image.width(), image.height(), options.minFace(image.width(), image.height()));
      List<Proposals> levels = new ArrayList<>();
      for (int level = 0; level < sizes.size(); level++) {
        pages.add(i, level, sizes.get(level));
        levels.add(new Proposals());
      }
      byLevel.add(levels);
      pyramids.add(Pyramid.levels(image, sizes));
    }
    pages.pack();
    byte[] page = new byte[proposal.imageBytes()];
    List<Pages.Tile> tiles = pages.tiles();
    for (int from = 0, to; from < tiles.size(); from = to) {
      to = from;
      while (to < tiles.size() && tiles.get(to).page() == tiles.get(from).page()) {
        Pages.Tile tile = tiles.get(to++);
        copy(pyramids.get(tile.image()).get(tile.level()), tile, page);
      }
      float[] values = proposal.run(page);
      for (Pages.Tile tile : tiles.subList(from, to)) {
        Rgb image = images.get(tile.image());
        Rgb level = pyramids.get(tile.image()).get(tile.level());
        collect(
            tile,
            (double) image.width() / level.width(),
            (double) image.height() / level.height(),
            values,
            byLevel.get(tile.image()).get(tile.level()));
      }
    }
    List<Proposals> all = new ArrayList<>();
    for (List<Proposals> levels : byLevel) {
      Proposals ofImage = new Proposals();
      for (Proposals level : levels) {
        level.suppress(LEVEL_OVERLAP, false);
        ofImage.addAll(level);
      }
      all.add(ofImage);
    }
    return all;
  }

  private static void copy(Rgb level, Pages.Tile tile, byte[] page) {
    for (int row = 0; row < tile.height(); row++) {
      System.arraycopy(
          level.pixels(),
          3 * ((tile.top() + row) * level.width() + tile.left()),
          page,
          3 * ((tile.y() + row) * PAGE_WIDTH + tile.x()),
          3 * tile.width());
    }
  }

  /** Adds the boxes of a tile's cells that contain a face. */
  private void collect(
      Pages.Tile tile, double scaleX, double scaleY, float[] values, Proposals into) {
    float margin = margin(options.thresholds()[0]);
    int outputs = MtcnnNetworks.LOGITS + MtcnnNetworks.CORRECTIONS;
    for (int row = 0; row <= (tile.height() - Pyramid.CELL) / 2; row++) {
      int at = ((tile.y() / 2 + row) * proposal.outputColumns() + tile.x() / 2) * outputs;
      for (int column = 0; column <= (tile.width() - Pyramid.CELL) / 2; column++, at += outputs) {
        float difference = values[at + 1] - values[at];
        if (difference >= margin) {
          int x = tile.left() + 2 * column;
          int y = tile.top() + 2 * row;
          into.add(
              (int) ((x + 1) * scaleX),
              (int) ((y + 1) * scaleY),
              (int) ((x + Pyramid.CELL) * scaleX),
              (int) ((y + Pyramid.CELL) * scaleY),
              probability(difference),
              values,
              at + MtcnnNetworks.LOGITS);
        }
      }
    }
  }

  /** Receives each box that a network classifies as a face. */
  private interface Sink {
    void accept(int image, Proposals from, int i, float score, float[] values, int at);
  }

  /** Cuts out every box of every image and classifies them with a network in full batches. */
  private static void classify(
      List<Rgb> images,
      List<Proposals> boxes,
      Network network,
      int side,
      double threshold,
      Sink sink) {
    byte[] batch = new byte[network.batch() * network.imageBytes()];
    int[] owner = new int[network.batch()];
    int[] index = new int[network.batch()];
    int filled = 0;
    for (int image = 0; image < images.size(); image++) {
      Proposals p = boxes.get(image);
      for (int i = 0; i < p.count(); i++) {
        int left = (int) p.box(i, 0);
        int top = (int) p.box(i, 1);
        AreaResampler.part(
            images.get(image),
            left - 1,
            top - 1,
            (int) p.box(i, 2) - left + 1,
            (int) p.box(i, 3) - top + 1,
            side,
            side,
            batch,
            filled * network.imageBytes());
        owner[filled] = image;
        index[filled++] = i;

        if (filled == network.batch()) {
          flush(network, batch, filled, boxes, owner, index, threshold, sink);
          filled = 0;
        }
      }
    }
    if (filled > 0) {
      flush(network, batch, filled, boxes, owner, index, threshold, sink);
    }
  }

  private static void flush(
      Network network,
      byte[] batch,
      int filled,
      List<Proposals> boxes,
      int[] owner,
      int[] index,
      double threshold,
      Sink sink) {
    float[] values = network.run(batch);
    for (int k = 0; k < filled; k++) {
      int at = k * network.outputs();
      float difference = values[at + 1] - values[at];
      if (difference > margin(threshold)) {
        sink.accept(owner[k], boxes.get(owner[k]), index[k], probability(difference), values, at);
      }
    }
  }

  static void finish(Proposals into, Proposals from, int i, float score, float[] values, int at) {
    double left = from.box(i, 0);
    double top = from.box(i, 1);
    double w = from.box(i, 2) - left + 1;
    double h = from.box(i, 3) - top + 1;
    int points = at + MtcnnNetworks.LOGITS + MtcnnNetworks.CORRECTIONS;
    double[] xy = new double[MtcnnNetworks.POINTS];
    for (int k = 0; k < Landmarks.COUNT; k++) {
      xy[2 * k] = left - 1 + w * values[points + k];
      xy[2 * k + 1] = top - 1 + h * values[points + Landmarks.COUNT + k];
    }
    into.addScored(from, i, score, values, at + MtcnnNetworks.LOGITS);
    into.points(into.count() - 1, xy);
  }

  static List<Detection> detections(Proposals p) {
    List<Detection> all = new ArrayList<>();
    for (int i = 0; i < p.count(); i++) {
      Box box = new Box(p.box(i, 0) - 1, p.box(i, 1) - 1, p.box(i, 2) - 1, p.box(i, 3) - 1);
      all.add(new Detection(box, p.score(i), new Landmarks(p.points(i))));
    }
    return all;
  }

  /** Nanoseconds spent in the networks so far. */
  long nanos() {
    return proposal.nanos() + refinement.nanos() + output.nanos();
  }

  /** Probability of the second of two logits from their difference: softmax. */
  static float probability(float difference) {
    return (float) (1 / (1 + Math.exp(-difference)));
  }

  /** The difference of logits that gives a probability: the inverse of {@link #probability}. */
  static float margin(double probability) {
    return (float) Math.log(probability / (1 - probability));
  }

  @Override
  public void close() {
    proposal.close();
    refinement.close();
    output.close();
    if (owned != null) {
      owned.close();
    }
  }
}

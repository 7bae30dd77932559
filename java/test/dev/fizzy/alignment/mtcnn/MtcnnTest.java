package dev.fizzy.alignment.mtcnn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.alignment.Detection;
import dev.fizzy.alignment.Photo;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.file.FileException;
import dev.fizzy.image.Rgb;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MtcnnTest {
  static byte[] noise(int count, long seed) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Float sums of a few thousand terms against double ones. */
  private static void close(double expected, double actual) {
    assertEquals(expected, actual, 2e-5 * (1 + Math.abs(expected)));
  }

  @Test
  void proposalIsThePublishedNetwork() {
    Published net = new Published(1);
    byte[] pixels = noise(3 * 26 * 34, 2);
    Published.Map3 wanted = net.proposal(Published.image(pixels, 0, 34, 26));
    try (Device device = new CpuDevice(1);
        Network ours = new Network(device, net.weights(), MtcnnNetworks::proposal, 1, 26, 34)) {
      float[] values = ours.run(pixels);
      assertEquals(6 * wanted.w() * wanted.h(), values.length);
      assertEquals(wanted.w(), ours.outputColumns());
      for (int i = 0; i < values.length; i++) {
        close(wanted.at(i / 6 % wanted.w(), i / 6 / wanted.w(), i % 6), values[i]);
      }
    }
  }

  @Test
  void refinementIsThePublishedNetwork() {
    Published net = new Published(3);
    byte[] pixels = noise(2 * 3 * 24 * 24, 4);
    double[] wanted = net.refinement(Published.image(pixels, 3 * 24 * 24, 24, 24));
    try (Device device = new CpuDevice(1);
        Network ours = new Network(device, net.weights(), MtcnnNetworks::refinement, 2, 24, 24)) {
      float[] values = ours.run(pixels);
      for (int i = 0; i < wanted.length; i++) {
        close(wanted[i], values[wanted.length + i]);
      }
    }
  }

  @Test
  void outputIsThePublishedNetwork() {
    Published net = new Published(5);
    byte[] pixels = noise(3 * 48 * 48, 6);
    double[] wanted = net.output(Published.image(pixels, 0, 48, 48));
    try (Device device = new CpuDevice(1);
        Network ours = new Network(device, net.weights(), MtcnnNetworks::output, 1, 48, 48)) {
      float[] values = ours.run(pixels);
      for (int i = 0; i < wanted.length; i++) {
        close(wanted[i], values[i]);
      }
    }
  }

  static MtcnnWeightFiles random() {
    Published p = new Published(7);
    Published r = new Published(8);
    Published o = new Published(9);
    p.proposal(Published.image(new byte[3 * 144], 0, 12, 12));
    r.refinement(Published.image(new byte[3 * 576], 0, 24, 24));
    o.output(Published.image(new byte[3 * 2304], 0, 48, 48));
    return new MtcnnWeightFiles(p.weights(), r.weights(), o.weights());
  }

  /** Random networks see faces everywhere; where, must not depend on what else is looked at. */
  @Test
  void aPhotosFacesDoNotDependOnTheOthers() {
    MtcnnOptions options = new MtcnnOptions(0, new double[] {.6, .3, .3});
    List<Photo> photos =
        List.of(
            new Photo("a", new Rgb(90, 60, noise(3 * 90 * 60, 1))),
            new Photo("small", new Rgb(12, 12, noise(3 * 12 * 12, 2))),
            new Photo("b", new Rgb(41, 103, noise(3 * 41 * 103, 3))));
    try (Device device = new CpuDevice(1);
        Mtcnn mtcnn = new Mtcnn(device, random(), options)) {
      List<List<Detection>> together = mtcnn.detect(photos);
      int faces = 0;
      for (int i = 0; i < photos.size(); i++) {
        List<Detection> alone = mtcnn.detect(List.of(photos.get(i))).get(0);
        assertEquals(alone.size(), together.get(i).size());
        for (int k = 0; k < alone.size(); k++) {
          assertEquals(alone.get(k).box(), together.get(i).get(k).box());
          assertArrayEquals(alone.get(k).points().xy(), together.get(i).get(k).points().xy());
        }
        faces += alone.size();
      }
      assertTrue(faces > 0, "the random networks see no face, so nothing was compared");
      assertEquals(List.of(), together.get(1), "smaller than any face");
    }
  }

  @Test
  void weightsThatDoNotFitAreNamed() {
    MtcnnWeightFiles files = random();
    files.output().tensors().remove("dense6_3.bias");
    try (Device device = new CpuDevice(1)) {
      FileException e =
          assertThrows(
              FileException.class, () -> new Mtcnn(device, files, MtcnnOptions.DEFAULT).close());
      assertTrue(e.getMessage().contains("dense6_3.bias is missing"), e.getMessage());
    }
  }
}

package dev.fizzy.dataset;

import dev.fizzy.dataset.parquet.ParquetImagesTest;
import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.recordio.RecordContainer;
import dev.fizzy.dataset.recordio.RecordImages;
import dev.fizzy.dataset.webdataset.TarContainer;
import dev.fizzy.dataset.write.Container;
import dev.fizzy.dataset.write.Exporter;
import dev.fizzy.fuzz.FuzzTarget;
import dev.fizzy.image.ImageEncoder;
import dev.fizzy.recognition.protocol.TemplateLists;
import dev.fizzy.recognition.protocol.VerificationBin;
import dev.fizzy.recognition.protocol.VerificationBinWriter;
import dev.fizzy.recognition.protocol.VerificationPairs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/** The parsers of data sets, for the fuzzer. */
public final class DatasetFuzz {
  private static final int IMAGES = 6;
  private static final int PAIRS = 10;

  private DatasetFuzz() {}

  public static List<FuzzTarget> targets() {
    try {
      Path folder = Files.createTempDirectory("fizzy-fuzz");
      Path faces = folder.resolve("faces");
      byte[] png = ImageEncoder.png(Pictures.noise(4, 1), null);
      for (int i = 0; i < IMAGES; i++) {
        Path file = faces.resolve(String.format("id%d/id%d_%04d.png", i % 2, i % 2, 1 + i / 2));
        Files.createDirectories(file.getParent());
        Files.write(file, png);
      }
      export(faces, folder.resolve("rec"), RecordContainer.FORMAT);
      export(faces, folder.resolve("tar"), TarContainer.format(100));
      byte[] rec = Files.readAllBytes(folder.resolve("rec/train.rec"));
      byte[] tar = Files.readAllBytes(folder.resolve("tar/faces-000000.tar"));
      ByteArrayOutputStream zipped = new ByteArrayOutputStream();
      try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
        gzip.write(tar);
      }
      return List.of(
          FuzzTarget.of(
              "train.rec",
              file -> {
                RecordImages.writeIndex(file);
                read(file);
              },
              rec),
          FuzzTarget.of(
              "train.idx",
              file -> beside(file, rec),
              Files.readAllBytes(folder.resolve("rec/train.idx"))),
          FuzzTarget.of("property", file -> beside(file, rec), "2,4,4\n".getBytes()),
          FuzzTarget.of("faces.tar", DatasetFuzz::read, tar),
          FuzzTarget.of("faces.tar.gz", DatasetFuzz::read, zipped.toByteArray()),
          FuzzTarget.of(
              "faces.parquet",
              DatasetFuzz::read,
              ParquetImagesTest.manifest("a/1.png", "a/2.png", "b/1.png")),
          FuzzTarget.of("table.parquet", DatasetFuzz::read, ParquetImagesTest.table()),
          FuzzTarget.of("pairs.bin", DatasetFuzz::readBin, bin(folder, faces)),
          FuzzTarget.of(
              "templates.txt",
              file -> TemplateLists.read(file, pairs(file), null),
              "1.jpg 7 3\n2.jpg 8 1\n3.jpg 7 2\n".getBytes(StandardCharsets.UTF_8)),
          FuzzTarget.of(
              "points.txt",
              file -> TemplateLists.read(faces(file), pairs(file), file),
              "1.jpg 1 2 3 4 5 6 7 8 9 10 .5\n2.jpg 1 2 3 4 5 6 7 8 9 10 1\n"
                  .getBytes(StandardCharsets.UTF_8)),
          FuzzTarget.of(
              "pairs.txt",
              file -> VerificationPairs.readLfw(file, FaceFolder.open(faces)),
              ("2\t2\n" + "id0\t1\t2\nid1\t2\t3\nid0\t1\tid1\t1\nid0\t2\tid1\t1\n".repeat(2))
                  .getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void export(Path from, Path to, Container.Format format) {
    try (LabeledImages source = ImageSets.open(from)) {
      Exporter.run(source, from, to, format, false, 1, n -> {});
    }
  }

  private static byte[] bin(Path folder, Path faces) throws IOException {
    FaceFolder images = FaceFolder.open(faces);
    List<VerificationPairs.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      pairs.add(new VerificationPairs.Pair(images.name(i % IMAGES), images.name(0), i % 2 == 0, 0));
    }
    Path file = folder.resolve("pairs.bin");
    VerificationBinWriter.write(
        file, new VerificationPairs(pairs, PAIRS, Set.of()), images, n -> {});
    return Files.readAllBytes(file);
  }

  private static Path faces(Path file) throws IOException {
    return Files.writeString(file.resolveSibling("f"), "1.jpg 7 3\n2.jpg 8 1\n");
  }

  private static Path pairs(Path file) throws IOException {
    return Files.writeString(file.resolveSibling("p"), "7 8 1\n7 7 0\n");
  }

  private static void beside(Path file, byte[] rec) throws IOException {
    Path train = Files.write(file.resolveSibling("train.rec"), rec);
    if (!file.endsWith("train.idx")) {
      RecordImages.writeIndex(train);
    }
    read(train);
  }

  private static void read(Path file) {
    try (LabeledImages images = ImageSets.open(file)) {
      for (int i = 0; i < images.count(); i++) {
        images.name(i);
        try {
          images.className(images.label(i));
          images.bytes(i);
        } catch (IOException e) {
          // this image is skipped, and the others are read
        }
      }
    }
  }

  private static void readBin(Path file) {
    try (VerificationBin images = VerificationBin.open(file)) {
      images.pairs();
      for (int i = 0; i < images.count(); i++) {
        try {
          images.decode(i);
        } catch (IOException e) {
          // this image is skipped, and the others are read
        }
      }
    }
  }
}

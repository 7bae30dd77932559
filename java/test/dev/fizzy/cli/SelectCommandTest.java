package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.alignment.ArcFaceTemplate;
import dev.fizzy.alignment.Landmarks;
import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.file.NameList;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.TinyOnnx;
import dev.fizzy.model.onnx.OnnxNetworks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelectCommandTest {
  @TempDir Path folder;
  private Path data;
  private Path vectors;

  /** Three identities of four images; the vectors of b/3.png and of all of c are far from b's. */
  @BeforeEach
  void writeDataSet() throws IOException {
    data = folder.resolve("faces");
    vectors = folder.resolve("faces.npy");
    List<String> names = new ArrayList<>();
    List<float[]> values = new ArrayList<>();
    for (String identity : List.of("a", "b", "c")) {
      for (int i = 0; i < 4; i++) {
        String name = identity + "/" + i + ".png";
        Pictures.blob(data.resolve(name), 16, 4 * names.size() + i);
        names.add(name);
        boolean far = identity.equals("c") || name.equals("b/3.png");
        values.add(new float[] {far ? 0 : 1, far ? 1 : 0, .01f * i});
      }
    }
    new Contexts(names, values.toArray(float[][]::new)).write(vectors);
  }

  private Cli.Result select(Object... more) {
    List<Object> args = new ArrayList<>(List.of("select", "--data", data));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray());
  }

  @Test
  void writesTheSetAndTheListAndLeavesTheSource() throws IOException {
    Path out = folder.resolve("out");
    Path list = folder.resolve("kept.txt");
    JsonNode result =
        select(
                "--embeddings",
                vectors,
                "--largest-cluster",
                .9,
                "--images",
                3,
                "--out",
                out,
                "--list",
                list,
                "--json")
            .ok()
            .json();
    assertEquals(9, result.get("kept").asInt());
    assertEquals(1, result.get("dropped_cluster").asInt());
    assertEquals(2, result.get("dropped_most").asInt());
    Set<String> kept = new TreeSet<>(NameList.read(list));
    assertEquals(9, kept.size());
    assertFalse(kept.contains("b/3.png"));
    assertTrue(Files.exists(data.resolve("b/3.png")));
    try (LabeledImages set = ImageSets.open(out)) {
      assertEquals(9, set.count());
      assertEquals(3, set.classes());
    }
    assertArrayEquals(
        Files.readAllBytes(data.resolve("b/0.png")),
        Files.readAllBytes(out.resolve("b/00000.png")));
    assertTrue(Files.exists(out.resolve("manifest-made.json")));
    select("--embeddings", vectors, "--largest-cluster", .9, "--images", 2, "--out", out)
        .refused("another run");
  }

  @Test
  void packedSetsAreSelectedFromToo() throws IOException {
    Path packed = folder.resolve("packed");
    Cli.run("export", data, "--format", "recordio", "--out", packed).ok();
    Path embedder = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 4, 4);
    Path out = folder.resolve("out");
    Cli.run(
            "select",
            "--data",
            packed,
            "--embedder",
            embedder,
            "--images",
            2,
            "--out",
            out,
            "--format",
            "recordio")
        .ok();
    try (LabeledImages set = ImageSets.open(out)) {
      assertEquals(6, set.count());
      assertEquals(3, set.classes());
    }
  }

  @Test
  void identitiesThatLoseAllImagesAreNamed() throws IOException {
    Path out = folder.resolve("out");
    Path real = folder.resolve("real.npy");
    new Contexts(List.of("x"), new float[][] {{0, 1, 0}}).write(real);
    select("--embeddings", vectors, "--real", real, "--max-real", .5, "--out", out)
        .refused("1 of 3 identities without an image, the first is c");
    assertFalse(Files.exists(out));
    String text =
        select(
                "--embeddings",
                vectors,
                "--real",
                real,
                "--max-real",
                .5,
                "--min-images",
                1,
                "--out",
                out)
            .ok()
            .out();
    assertTrue(text.contains("7 of 12 images kept"), text);
    assertTrue(text.contains("1 identities dropped, the first is c"), text);
    try (LabeledImages set = ImageSets.open(out)) {
      assertEquals(2, set.classes());
    }
  }

  @Test
  void pixelsNeedNoEmbedder() {
    Path list = folder.resolve("kept.txt");
    select("--min-sharpness", 0, "--max-clipped", 1, "--list", list).ok();
    assertEquals(12, NameList.read(list).size());
    select("--min-sharpness", 1e9, "--min-images", 1, "--list", list)
        .refused("none of the 12 images");
  }

  /** The landmarks of b/0.png are 5 of 16 pixels from the template, 35 of 112; c has no faces. */
  @Test
  void facesMustBeFoundAndInTheirPlace() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String image : List.of("a/0", "a/1", "a/2", "a/3", "b/0", "b/1", "b/2")) {
      StringBuilder line = new StringBuilder(image + ".png");
      for (int i = 0; i < Landmarks.COUNT; i++) {
        Landmarks wanted = ArcFaceTemplate.of(16);
        boolean off = image.equals("b/0");
        line.append(' ').append(wanted.x(i) + (off ? 3 : 0));
        line.append(' ').append(wanted.y(i) - (off ? 4 : 0));
      }
      lines.add(line.toString());
    }
    Path points = Files.write(folder.resolve("points.txt"), lines);
    Path list = folder.resolve("kept.txt");
    Object[][] bounds = {{}, {"--max-misaligned", 35.1}, {"--max-misaligned", 34.9}};
    for (int i = 0; i < bounds.length; i++) {
      List<Object> args = new ArrayList<>(List.of("--points", points, "--min-images", 1));
      args.addAll(List.of("--list", list));
      args.addAll(Arrays.asList(bounds[i]));
      JsonNode result = select(append(args, "--json")).ok().json();
      assertEquals(i < 2 ? 7 : 6, result.get("kept").asInt());
      assertEquals(i < 2 ? 5 : 6, result.get("dropped_face").asInt());
      assertEquals(i < 2, NameList.read(list).contains("b/0.png"));
    }
    select("--max-misaligned", 3, "--list", list).misused("needs --mtcnn DIR");
  }

  private static Object[] append(List<Object> args, Object last) {
    List<Object> all = new ArrayList<>(args);
    all.add(last);
    return all.toArray();
  }

  /** Smooth faces and noise, which is not typical of them. */
  @Test
  void theMostTypicalShareIsKept() throws IOException {
    data = folder.resolve("large");
    for (int i = 0; i < 95; i++) {
      Pictures.blob(data.resolve(i / 48 + "/" + i % 48 + ".png"), 28, i);
    }
    Pictures.png(data.resolve("1/47.png"), 28, 1);
    Path embedder = OnnxNetworks.mobileFaceNet(folder.resolve("e.onnx"));
    Path list = folder.resolve("kept.txt");
    JsonNode result =
        select("--embedder", embedder, "--typical", .75, "--list", list, "--json").ok().json();
    assertEquals(72, result.get("kept").asInt());
    assertEquals(24, result.get("dropped_typical").asInt());
    Set<String> kept = NameList.read(list);
    assertEquals(72, kept.size());
    assertFalse(kept.contains("1/47.png"));
  }

  @Test
  void refusesWhatCannotBeSelected() throws IOException {
    Path out = folder.resolve("out");
    select("--out", out).misused("give at least one rule");
    select("--images", 2).misused("these rules need --embedder FILE or --embeddings FILE");
    select("--images", 2, "--embeddings", vectors).misused("give --out DIR, --list FILE");
    select("--adherence", .2, "--embeddings", vectors, "--out", out).misused("needs --contexts");
    select("--max-real", .2, "--embeddings", vectors, "--out", out).misused("go together");
    select("--center", ".5,.4", "--embeddings", vectors, "--out", out).misused("is empty");
    select("--center", ".1,.2,.3", "--embeddings", vectors, "--out", out).misused("one or two");
    select("--typical", .5, "--embeddings", vectors, "--out", out).misused("needs --embedder FILE");
    select("--typical", .5, "--cluster", "local[1]", "--out", out).misused("without --cluster");
    Path narrow = folder.resolve("narrow.npy");
    new Contexts(List.of("a"), new float[][] {{1, 0}}).write(narrow);
    select("--adherence", .2, "--contexts", narrow, "--embeddings", vectors, "--out", out)
        .refused("width 3", "narrow.npy 2");
    select("--images", 2, "--embeddings", narrow, "--out", out).refused("no vector for any image");
    select("--images", 2, "--embeddings", vectors, "--out", data.resolve("in"))
        .refused("inside the input");
    assertFalse(Files.exists(out));
  }
}

package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.cluster.LostTasks;
import dev.fizzy.cluster.StageNames;
import dev.fizzy.cluster.TrappedFileSystem;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.TinyOnnx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Spark measures is what one machine measures, to the bit, although tasks are lost. */
class ClusterMeasuresTest {
  private static final int FACES = 70;
  private static final String PLUGINS =
      LostTasks.class.getName() + "," + StageNames.class.getName();

  @TempDir static Path folder;
  private static SparkCli spark;
  private static SparkCommands.Session session;

  @BeforeAll
  static void start() throws IOException {
    Files.createDirectories(folder.resolve("traps"));
    spark = new SparkCli(folder);
    session = spark.session();
  }

  @AfterAll
  static void end() throws Exception {
    spark.close();
  }

  /** On a cluster that loses every other task once. */
  private static Cli.Result onCluster(Object... command) throws IOException {
    return onCluster(List.of(), command);
  }

  private static Cli.Result onCluster(List<String> more, Object... command) throws IOException {
    List<Object> all = new ArrayList<>(Arrays.asList(command));
    all.addAll(List.of("--cluster", "local[2,2]"));
    all.addAll(List.of("--conf", "spark.plugins=" + PLUGINS));
    all.addAll(spark.settings(folder.resolve("traps")));
    more.forEach(setting -> all.addAll(List.of("--conf", setting)));
    return session.run(all.toArray());
  }

  private static Path vectors(String name, int identities, int images, long seed) {
    Random random = new Random(seed);
    List<String> names = new ArrayList<>();
    float[][] vectors = new float[identities * images][8];
    for (int i = 0; i < vectors.length; i++) {
      names.add(String.format("%s%05d/%d.png", name, i / images, i % images));
      for (int k = 0; k < vectors[i].length; k++) {
        vectors[i][k] = (float) random.nextGaussian();
      }
    }
    Path file = folder.resolve(name + ".npy");
    new Contexts(names, vectors).write(file);
    return file;
  }

  @Test
  void embedsTheFacesOfOneMachine() throws IOException {
    Path faces = folder.resolve("faces");
    for (int i = 0; i < FACES; i++) {
      Pictures.blob(faces.resolve(i / 10 + "/" + i % 10 + ".png"), 8, i);
    }
    Files.writeString(faces.resolve("3/bad.png"), "not an image");
    Path embedder = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 8, 8);
    Path plain = folder.resolve("plain.npy");
    Path out = folder.resolve("vectors");
    Object[] embed = {"embed", "--json", "--faces", faces, "--embedder", embedder, "--out"};
    JsonNode one = Cli.run(append(embed, plain)).ok().json();
    Files.writeString(folder.resolve("traps").resolve(TrappedFileSystem.FULL), "2");
    Object[] there = append(embed, "trap:" + out);
    JsonNode many = onCluster(there).ok().json();
    assertTrue(Files.notExists(folder.resolve("traps").resolve(TrappedFileSystem.FULL)));
    for (String field : List.of("contexts", "width", "preset", "skipped")) {
      assertEquals(one.get(field), many.get(field), field);
    }
    assertEquals(3, many.get("parts").asInt());
    Contexts expected = Contexts.read(plain);
    Contexts written = Contexts.read(out);
    assertEquals(expected.names(), written.names());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.vector(i), written.vector(i), expected.name(i));
    }
    JsonNode again = onCluster(there).ok().json();
    assertEquals(3, again.get("parts_before").asInt());
    assertEquals(one.get("skipped"), again.get("skipped"));
    mixesProcessorsOnlyIfAllowed(out, there);
    List<Object> nowhere = new ArrayList<>(List.of(append(there, "--cluster", "nonsense")));
    nowhere.addAll(spark.settings(folder.resolve("traps")));
    session.run(nowhere.toArray()).refused("Spark cannot start at nonsense: ", "Master URL");
    Files.delete(out.resolve("embeddings-2-of-3.parquet"));
    Cli.run("evaluate", "separability", "--embeddings", out).refused("has 2 of 3 parts");
  }

  private static Object[] append(Object[] command, Object... more) {
    return Stream.concat(Stream.of(command), Stream.of(more)).toArray();
  }

  /** Part 2 is lost, and the others are made to be of another processor. */
  private static void mixesProcessorsOnlyIfAllowed(Path out, Object[] command) throws IOException {
    Path receipts = out.resolve(".cluster/parts");
    Files.delete(receipts.resolve("2.json"));
    for (String name : List.of("1.json", "3.json")) {
      Path receipt = receipts.resolve(name);
      Files.writeString(receipt, Files.readString(receipt).replace("\"cpu ", "\"another cpu "));
    }
    onCluster(command).refused("127.0.0.1: this worker computes with cpu ", "others with another");
    JsonNode mixed = onCluster(append(command, "--allow-mixed")).ok().json();
    assertEquals(2, mixed.get("parts_before").asInt());
  }

  @Test
  void findsTheLeaksOfOneMachine() throws IOException {
    Path mine = vectors("s", 40, 3, 1);
    Path training = vectors("r", 1500, 3, 2);
    Object[] command = {
      "evaluate",
      "leakage",
      "--json",
      "--people",
      60,
      "--closest",
      40,
      "--embeddings",
      mine,
      "--training-embeddings",
      training
    };
    Path stages = folder.resolve("stages");
    List<String> watched =
        List.of("spark.ui.enabled=true", "spark.ui.port=0", StageNames.FILE + "=" + stages);
    assertEquals(Cli.run(command).ok().json(), onCluster(watched, command).ok().json());
    assertEquals("evaluate leakage: 6 parts", Files.readString(stages));
  }

  @Test
  void separatesTheIdentitiesOfOneMachine() throws IOException {
    Path faces = vectors("t", 60, 4, 3);
    Contexts means = Contexts.read(faces);
    Path contexts = folder.resolve("t-contexts.npy");
    int[] firsts = IntStream.range(0, 60).map(i -> 4 * i).toArray();
    List<String> names = Arrays.stream(firsts).mapToObj(i -> means.name(i).split("/")[0]).toList();
    float[][] values = Arrays.stream(firsts).mapToObj(means::vector).toArray(float[][]::new);
    new Contexts(names, values).write(contexts);
    Object[] command = {
      "evaluate",
      "separability",
      "--json",
      "--impostors",
      5000,
      "--embeddings",
      faces,
      "--contexts",
      contexts,
      "--among",
      vectors("w", 30, 1, 5),
      "--real-embeddings",
      vectors("x", 10, 3, 6)
    };
    assertEquals(Cli.run(command).ok().json(), onCluster(command).ok().json());
    onCluster("evaluate", "separability", "--data", folder, "--embedder", contexts)
        .misused("--cluster needs --embeddings");
  }

  @Test
  void selectsTheImagesOfOneMachine() throws IOException {
    Path data = folder.resolve("set");
    Path vectors = vectors("u", 6, 5, 4);
    Contexts random = Contexts.read(vectors);
    float[][] values = new float[random.size()][];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.vector(i % 7 == 6 ? i - 6 : i); // near-duplicates in other identities
      Pictures.blob(data.resolve(random.name(i)), 16, i);
    }
    new Contexts(random.names(), values).write(vectors);
    List<Object> command =
        List.of(
            "select",
            "--json",
            "--data",
            data,
            "--embeddings",
            vectors,
            "--real",
            vectors("v", 5, 1, 9),
            "--max-real",
            .95,
            "--max-duplicate",
            .99,
            "--duplicates-in",
            "set",
            "--min-sharpness",
            1,
            "--min-images",
            1,
            "--list");
    List<Object> alone = new ArrayList<>(command);
    alone.add(folder.resolve("alone.txt"));
    List<Object> many = new ArrayList<>(command);
    many.add(folder.resolve("many.txt"));
    ObjectNode one = (ObjectNode) Cli.run(alone.toArray()).ok().json();
    ObjectNode other = (ObjectNode) onCluster(many.toArray()).ok().json();
    assertTrue(one.get("dropped_duplicate").asInt() >= 4, one::toString);
    one.remove("list");
    other.remove("list");
    assertEquals(one, other);
    assertEquals(
        Files.readString(folder.resolve("alone.txt")),
        Files.readString(folder.resolve("many.txt")));
  }
}

package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.file.Sha256;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.UniformContexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of identities that `fizzy contexts` makes from others. */
class ContextKindsTest {
  @TempDir Path folder;
  private Path real;
  private Path out;

  @BeforeEach
  void writeRealPeople() {
    real = folder.resolve("real.npy");
    out = folder.resolve("out.npy");
    UniformContexts.of(40, 16, 2).write(real);
  }

  private Cli.Result contexts(String kind, Object... more) {
    List<Object> args = new ArrayList<>(List.of("contexts", kind));
    args.addAll(List.of(more));
    args.addAll(List.of("--out", out));
    return Cli.run(args.toArray());
  }

  @Test
  void everyKindIsWrittenWithItsRecipe() {
    Object[][] kinds = {
      {"uniform", "--count", 12, "--width", 16},
      {"gaussian", "--count", 12, "--like", real},
      {"pca", "--count", 12, "--like", real, "--dimensions", 4},
      {"packed", "--count", 12, "--like", real, "--iterations", 5},
      {"morph", "--from", real, "--count", 12},
      {"mix", "--from", real, "--counts", 12},
      {"oversample", "--from", real, "--count", 12},
      {"authentic", "--from", real, "--count", 12},
    };
    for (Object[] kind : kinds) {
      List<Object> more = new ArrayList<>(List.of(kind).subList(1, kind.length));
      more.addAll(List.of("--seed", 7));
      String name = (String) kind[0];
      contexts(name, more.toArray()).ok();
      Contexts made = Contexts.read(out);
      assertEquals(12, made.size(), name);
      assertEquals("fizzy contexts " + name, made.recipe().get("command"));
      assertEquals(7, made.recipe().get("seed"), name);
      Object from = made.recipe().getOrDefault("from", made.recipe().get("like"));
      Map<String, String> file = Map.of("file", "real.npy", "sha256", Sha256.of(real));
      if (from != null) {
        assertEquals(from instanceof List ? List.of(file) : file, from, name);
      }
      String first = made.sha256();
      contexts(name, more.toArray()).ok();
      assertEquals(first, Contexts.read(out).sha256(), name);
      more.set(more.size() - 1, 8);
      contexts(name, more.toArray()).ok();
      assertFalse(first.equals(Contexts.read(out).sha256()), name + " with another seed");
    }
  }

  @Test
  void peopleAreCentersOfTheirFaces() throws IOException {
    StringBuilder table = new StringBuilder("file,identity\n");
    for (int i = 0; i < 40; i++) {
      table.append(String.format("%06d,p%d%n", i, i % 10));
    }
    Path labels = Files.writeString(folder.resolve("people.csv"), table);
    // The means of four unit vectors each are half as far from zero as the vectors themselves.
    contexts("pca", "--count", 3, "--like", real).ok();
    String faces = Contexts.read(out).sha256();
    contexts("pca", "--count", 3, "--like", real, "--labels", labels).ok();
    assertFalse(faces.equals(Contexts.read(out).sha256()));
    contexts("pca", "--count", 3, "--labels", labels).misused("--labels goes with --like");
    contexts("pca", "--count", 3, "--like", real, "--model", labels).misused("give one");
    contexts("pca", "--count", 3, "--like", real, "--dimensions", 17).misused("not 17");
  }

  @Test
  void packedIdentitiesAreFurtherApartAndTheFigureIsSaid() throws IOException {
    JsonNode drawn =
        contexts("gaussian", "--count", 60, "--like", real, "--max-cosine", 1, "--json")
            .ok()
            .json();
    JsonNode packed =
        contexts("packed", "--count", 60, "--like", real, "--manifold", 0, "--json").ok().json();
    double nearest = packed.get("largest_cosine_of_all").asDouble();
    assertTrue(nearest < drawn.get("largest_cosine").asDouble() - .1, packed.toString());
    assertTrue(packed.get("distance_to_distribution").asDouble() > 0);
  }

  @Test
  void identitiesNearRealPeopleAreDropped() throws IOException {
    Path missing = folder.resolve("r.npy");
    contexts("select", "--from", real, "--max-cosine", .3, "--apart-from", missing)
        .refused("r.npy");
    Path some = folder.resolve("some.npy");
    Contexts.read(real).select(3, 4, 5).write(some);
    JsonNode result =
        contexts("select", "--from", real, "--max-cosine", .99, "--apart-from", some, "--json")
            .ok()
            .json();
    assertEquals(3, result.get("dropped").asInt());
    assertFalse(Contexts.read(out).names().contains("000004"));
    contexts("uniform", "--count", 5, "--width", 16, "--max-cosine", -.9).refused("no room for 5");
    contexts("uniform", "--count", 5, "--apart-from", some).misused("needs --max-cosine");
    contexts("uniform", "--count", 5, "--max-cosine", 1.5).misused("from -1 to 1, not 1.5");
    contexts("select", "--from", real).misused("give --exclude FILE, --max-cosine C, or both");
  }

  @Test
  void refusesWhatCannotBeMade() {
    contexts("morph", "--from", real, "--of", "000001,nobody").refused("no context named nobody");
    contexts("morph", "--from", real, "--of", "000001,000002", "--weights", "1").misused("two");
    contexts("morph", "--from", real, "--of", "000001,000002", "--seed", 5)
        .misused("--seed needs --count N");
    contexts("authentic", "--from", real, "--names", "000001", "--seed", 5)
        .misused("--seed needs --count N");
    contexts("mix", "--from", real, "--seed", 5).misused("--seed needs --counts N");
    contexts("mix", "--from", real, "--counts", "1,2").misused("2 numbers for the 1 files");
    contexts("mix", "--from", real, "--counts", "41").refused("cannot draw 41 of 40");
    contexts("oversample", "--from", real, "--count", 2, "--neighbors", 40).refused("40 neighbors");
    contexts("split", "--from", real, "--shares", ".5,.5").misused("each of the 2 shares");
    assertFalse(Files.exists(out));
  }

  @Test
  void partsOfASplitHaveNothingInCommon() {
    Path test = folder.resolve("test.safetensors");
    Cli.Result result =
        Cli.run("contexts", "split", "--from", real, "--shares", "3,1", "--out", out + "," + test);
    assertTrue(result.ok().out().contains("30 contexts in " + out), result.out());
    List<String> names = new ArrayList<>(Contexts.read(out).names());
    names.addAll(Contexts.read(test).names());
    assertEquals(40, names.stream().distinct().count());
    assertEquals("fizzy contexts split", Contexts.read(test).recipe().get("command"));
  }

  @Test
  void theManifestTellsWhoIsInWhom() throws IOException {
    Cli.run(
            "contexts",
            "morph",
            "--from",
            TinyModel.contexts(),
            "--of",
            "000000,000003",
            "--weights",
            "3,1",
            "--out",
            out)
        .ok();
    Path set = folder.resolve("set");
    Cli.run(
            "generate",
            "--contexts",
            out,
            "--model",
            TinyModel.model(),
            "--images",
            1,
            "--steps",
            1,
            "--out",
            set)
        .ok();
    JsonNode parents =
        new ObjectMapper()
            .readTree(set.resolve("manifest.json").toFile())
            .at("/settings/parents/000000-0.75__000003-0.25");
    assertEquals(.75, parents.get("000000").asDouble());
    assertTrue(Files.exists(set.resolve("000000-0.75__000003-0.25/00000.png")));
  }
}

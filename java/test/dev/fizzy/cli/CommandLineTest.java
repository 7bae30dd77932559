package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.identity.TinyOnnx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What holds for every command. */
class CommandLineTest {
  @TempDir Path folder;

  private static void misused(String sentence, Object... args) {
    Cli.run(args).misused(sentence);
  }

  @Test
  void theMisspeltIsNamedWithTheNearest() {
    misused(
        "unknown option --cuont (did you mean --count?); `fizzy contexts uniform --help`",
        "contexts",
        "uniform",
        "--cuont",
        6);
    misused("unknown option --imagse (did you mean --images?)", "generate", "--imagse=6");
    misused("unknown command genrate (did you mean generate?)", "genrate");
    misused("unknown command trian (did you mean train?)", "help", "trian");
    misused("missing required options: '--count=N', '--out=FILE'", "contexts", "uniform");
    misused("unknown option --frobnicate;", "info", "--frobnicate");
  }

  @Test
  void wrongValuesAreWrongCommandLines() {
    Path out = folder.resolve("o");
    misused("--threads must be from 1 to 1024, not 0", "info", "--threads", 0);
    misused("--runs must be at least 1, not 0", "profile", "--runs", 0);
    misused("no device gpu, only cpu, cuda and cuda:N", "info", "--device", "gpu");
    Object[] generate = {"generate", "--contexts", "c.npy", "--images", 1, "--out", out};
    for (String[] wrong :
        new String[][] {
          {"--images", "0"},
          {"--guidance", "NaN"},
          {"--batch", "-1"},
          {"--steps", "0"},
          {"--shard", "3/2"},
          {"--shard", "1/2"}, // without --type
          {"--sampler", "euler"},
          {"--encoding", "gif"},
          {"--encoding", "jpeg:101"},
          {"--format", "zip"},
          {"--per-tar", "0"},
          {"--type", "f16"},
          {"--seed", "one"}
        }) {
      List<Object> args = new ArrayList<>(List.of(generate));
      args.removeIf(a -> wrong[0].equals("--images") && (a.equals("--images") || a.equals(1)));
      args.addAll(List.of((Object[]) wrong));
      misused(wrong[0], args.toArray());
    }
    misused(
        "--size must be from 1 to 4096, not 0",
        "align",
        "--in",
        ".",
        "--out",
        out,
        "--size",
        0,
        "--mtcnn",
        ".");
    assertFalse(Files.exists(out));
  }

  @Test
  void aPictureIsWhatItsEndingSaysAndIsMarkedAsSynthetic() throws IOException {
    for (String name : List.of("s.jpg", "s.png")) {
      Path picture = folder.resolve(name);
      Cli.run(
              "sample",
              "--contexts",
              TinyModel.contexts(),
              "--model",
              TinyModel.model(),
              "--steps",
              1,
              "--images",
              1,
              "--out",
              picture)
          .ok();
      byte[] bytes = Files.readAllBytes(picture);
      assertEquals(name.endsWith("jpg") ? 0xff : 0x89, bytes[0] & 255);
      String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
      assertTrue(text.contains("trainedAlgorithmicMedia"), name);
    }
    misused(
        ".png or .jpg",
        "sample",
        "--contexts",
        TinyModel.contexts(),
        "--out",
        folder.resolve("s.gif"));
  }

  @Test
  void helpFitsTheTerminal() throws Exception {
    Cli.Result help = Cli.process(folder, Map.of("COLUMNS", "60"), "generate", "--help").ok();
    help.out().lines().forEach(line -> assertTrue(line.length() <= 60, line));
    assertTrue(help.out().contains("fizzy generate --contexts c.npy"), help.out());
    assertTrue(help.out().contains(" \\\n      "), "a long example is continued: " + help.out());
  }

  @Test
  void footersArePartedAndJoined() {
    assertEquals(
        List.of("", "Example:", "  fizzy a \\", "      --b c", "", "one two", "three"),
        HelpLayout.layout(List.of("", "Example:", "  fizzy a --b c", "", "one", "two three"), 12));
  }

  @Test
  void anOutputInTheInputIsRefused() throws IOException {
    Path faces = Files.createDirectories(folder.resolve("faces"));
    dev.fizzy.dataset.Pictures.png(faces.resolve("a/1.png"), 24, 1);
    Path out = faces.resolve("sub");
    for (Object[] args :
        new Object[][] {
          {"export", faces, "--out", out},
          {"train", "autoencoder", "--faces", faces, "--out", out, "--config", "tiny"},
          {"train", "recognizer", "--data", faces, "--out", out}
        }) {
      Cli.run(args).refused("is inside the input " + faces);
    }
    assertFalse(Files.exists(out));
  }

  /** Other commands recognize a file by its ending. */
  @Test
  void endingsOfOutputsAreCheckedFirst() {
    Path none = folder.resolve("none");
    Object[][] commands = {
      {".json", "evaluate", "separability", "--embeddings", none, "--out", folder.resolve("r.txt")},
      {".json", "evaluate", "leakage", "--embeddings", none, "--out", folder.resolve("json")},
      {".onnx", "model", "export", "--model", none, "--network", "unet", "--out", none},
      {
        ".npz", "model", "run", "--model", none, "--network", "unet", "--input", none, "--out", none
      },
      {".parquet", "make", "manifest", none, "--out", folder.resolve("m.csv")},
      {".bin", "make", "bin", "--pairs", none, "--images", none, "--out", folder.resolve("b.pkl")},
      {".html", "report", folder, "--out", folder.resolve("r.pdf")},
      {".npy", "contexts", "uniform", "--count", 1, "--out", folder.resolve("c.csv")},
    };
    for (Object[] command : commands) {
      Object[] args = Arrays.copyOfRange(command, 1, command.length);
      Cli.run(args).misused((String) command[0]);
    }
  }

  @Test
  void valuesThatDependOnAFileAreMisuseToo() throws IOException {
    Path none = folder.resolve("none");
    Cli.run("plan", "--config", "face46").misused("did you mean face64?");
    Cli.run("train", "diffusion", "--faces", none, "--out", folder.resolve("m"), "--config", "x")
        .misused("no configuration x");
    Path out = folder.resolve("s.png");
    Path contexts = TinyModel.contexts();
    Cli.run("sample", "--contexts", contexts, "--steps", 1001, "--out", out)
        .misused("sampling steps must be in 1..1000, not 1001");
    Cli.run(
            "evaluate",
            "leakage",
            "--embeddings",
            contexts,
            "--training-embeddings",
            contexts,
            "--above",
            "fnmr:1")
        .misused("there is no threshold fnmr:1");
  }

  @Test
  void helpIsACommandToo() {
    assertEquals(
        Cli.run("train", "diffusion", "--help").ok().out(),
        Cli.run("help", "train", "diffusion").ok().out());
    assertTrue(Cli.run("help").ok().out().contains("generate"));
  }

  @Test
  void aScriptCompletesAndManualPagesTellEveryOption() throws IOException {
    assertTrue(Cli.run("completion").ok().out().contains("--guidance"));
    Path pages = folder.resolve("man1");
    Cli.run("man", "--out", pages).ok();
    manual(Fizzy.commandLine(), pages);
  }

  private static void manual(CommandLine command, Path pages) throws IOException {
    String page =
        Files.readString(pages.resolve(command.getCommandSpec().qualifiedName("-") + ".1"));
    for (OptionSpec option : command.getCommandSpec().options()) {
      String name = OptionTypes.name(option).replace("-", "\\-");
      assertTrue(page.contains(name), name + " is not in " + page);
    }
    for (CommandLine sub : command.getSubcommands().values()) {
      manual(sub, pages);
    }
  }

  @Test
  void aSetOfImagesIsDataInEveryCommand() {
    for (String[] command :
        new String[][] {
          {"align"},
          {"embed"},
          {"train", "autoencoder"},
          {"train", "diffusion"},
          {"train", "recognizer"},
          {"evaluate", "separability"},
          {"evaluate", "leakage"}
        }) {
      CommandLine line = Fizzy.commandLine();
      for (String word : command) {
        line = line.getSubcommands().get(word);
      }
      assertTrue(line.getCommandSpec().findOption("--data") != null, String.join(" ", command));
    }
  }

  @Test
  void everySeedHasOneDefault() {
    Set<String> defaults = new TreeSet<>();
    seeds(Fizzy.commandLine(), defaults);
    assertEquals(Set.of("1"), defaults);
  }

  private static void seeds(CommandLine command, Set<String> defaults) {
    OptionSpec seed = command.getCommandSpec().findOption("--seed");
    if (seed != null) {
      defaults.add(seed.defaultValue());
    }
    command.getSubcommands().values().forEach(sub -> seeds(sub, defaults));
  }

  @Test
  void defaultsComeFromTheEnvironmentThenFromTheFile() throws Exception {
    Path file =
        Files.writeString(folder.resolve("d.properties"), "contexts.uniform.width = 7\ncount=3\n");
    Path out = folder.resolve("c.npy");
    Map<String, String> environment = Map.of("FIZZY_DEFAULTS", file.toString(), "FIZZY_COUNT", "4");
    String json =
        Cli.process(folder, environment, "contexts", "uniform", "--out", out, "--json").ok().out();
    assertTrue(json.contains("\"width\":7") && json.contains("\"contexts\":4"), json);
    String given =
        Cli.process(
                folder, environment, "contexts", "uniform", "--out", out, "--json", "--count", 2)
            .ok()
            .out();
    assertTrue(given.contains("\"contexts\":2"), given);
    Files.writeString(file, "cuont = 3\n");
    Cli.Result refused = Cli.process(folder, environment, "info");
    assertEquals(1, refused.code());
    assertTrue(refused.err().contains("sets cuont, which is not an option"), refused.err());
  }

  /** An option of the defaults file that does nothing for a command is no mistake of its user. */
  @Test
  void defaultsThatDoNotApplyAreNoMistakes() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("d.properties"),
            "model = none.safetensors\nembedder = none.onnx\nfeature = x\nteacher-steps = 3\n");
    Path real = folder.resolve("real.npy");
    Cli.run("contexts", "uniform", "--count", 5, "--width", 4, "--out", real).ok();
    Path out = folder.resolve("c.npy");
    withDefaults(file, "contexts", "gaussian", "--like", real, "--count", 2, "--out", out).ok();
    Path set = folder.resolve("set");
    withDefaults(file, "generate", "--images", 1, "--out", set).refused("none.safetensors");
    Path faces = folder.resolve("none");
    Object[] distill = {
      "train", "distill", "--teacher", faces, "--faces", faces, "--contexts", real, "--out", set
    };
    withDefaults(file, distill).refused(faces.toString());
    Files.writeString(file, "like = none.npy\nlabels = none.csv\n");
    withDefaults(file, "contexts", "gaussian", "--model", faces, "--count", 2, "--out", out)
        .refused(faces.toString());
  }

  private static Cli.Result withDefaults(Path file, Object... args) {
    return Cli.run(
        line -> line.setDefaultValueProvider(Defaults.read(file, Fizzy::commandLine)), args);
  }

  @Test
  void argumentsComeFromAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("args.txt"), "# how many\n--count 2\n");
    Path out = folder.resolve("c.npy");
    Cli.run("contexts", "uniform", "@" + file, "--out", out).ok();
    assertTrue(Files.exists(out));
  }

  @Test
  void anOutputThatCannotBeWrittenIsAnError() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Fizzy.class.getName(),
                "plan",
                "--config",
                "tiny",
                "--json")
            .redirectOutput(Path.of("/dev/full").toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    assertEquals(1, process.waitFor());
    assertTrue(Files.readString(folder.resolve("err")).contains("cannot write to stdout"));
  }

  @Test
  void progressEndsOnceWithARate() throws Exception {
    Path onnx = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 8, 8);
    Object[] embed = {
      "embed", "--faces", TinyModel.faces(), "--embedder", onnx, "--out", folder.resolve("c.npy")
    };
    Cli.Result result = Cli.process(folder, Map.of(), embed).ok();
    List<String> lines = result.err().lines().filter(l -> l.contains("embed: ")).toList();
    assertEquals(1, lines.size(), result.err());
    String line = lines.get(0);
    assertTrue(line.matches(".*embed: 10 of 10 faces \\(100 %\\), \\d+\\.\\d faces/s"), line);
    List<Object> quiet = new ArrayList<>(List.of(embed));
    quiet.add("-q");
    assertEquals("", Cli.process(folder, Map.of(), quiet.toArray()).ok().err());
  }

  @Test
  void waitingThreadsSleepUnlessTheUserSaysOtherwise() throws Exception {
    Map<String, String> shown = Map.of("OMP_DISPLAY_ENV", "true");
    assertTrue(
        Cli.process(folder, shown, "info").ok().err().contains("OMP_WAIT_POLICY = 'PASSIVE'"));
    Cli.Result spinning =
        Cli.process(folder, Map.of("OMP_DISPLAY_ENV", "true", "OMP_WAIT_POLICY", "active"), "info");
    assertTrue(spinning.err().contains("OMP_WAIT_POLICY = 'ACTIVE'"), spinning.err());
  }
}

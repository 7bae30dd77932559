package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code tools/fizzy} in a made checkout, with a java and a mvn that only tell how they are called.
 */
class LauncherTest {
  @TempDir Path folder;
  private Path root;

  @BeforeEach
  void checkout() throws IOException {
    root = folder.toRealPath().resolve("checkout");
    for (String source : new String[] {"java/main", "native", "cmake", "tools", "target"}) {
      Files.createDirectories(root.resolve(source));
    }
    Files.createFile(root.resolve("pom.xml"));
    for (String tool : new String[] {"fizzy", "build.sh", "spark-options.sh"}) {
      Files.copy(
          Path.of("tools", tool),
          root.resolve("tools").resolve(tool),
          java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    }
    script("java", "echo \"java $LC_ALL $*\"");
    script("mvn", "echo mvn >> '" + folder.resolve("built") + "'");
  }

  private void script(String name, String body) throws IOException {
    Path file =
        Files.writeString(
            Files.createDirectories(folder.resolve("bin")).resolve(name),
            "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String run(Path launcher, Map<String, String> locale) throws Exception {
    return run(launcher, locale, "info", "a b");
  }

  private String run(Path launcher, Map<String, String> locale, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
    environment.putAll(locale);
    environment.put("PATH", folder.resolve("bin") + ":" + environment.get("PATH"));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  private long builds() throws IOException {
    Path built = folder.resolve("built");
    return Files.exists(built) ? Files.readAllLines(built).size() : 0;
  }

  @Test
  void startsThroughALinkWithTheRightClassPathLocaleAndHeap() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("fizzy"), root.resolve("tools/fizzy"));
    String output = run(link, Map.of("LC_ALL", "C"));
    assertTrue(output.contains("java C.UTF-8 "), output);
    assertTrue(output.contains(root + "/target/classes:" + root + "/target/lib/*"), output);
    assertFalse(output.contains("-Xmx"), output);
    assertTrue(output.strip().endsWith("dev.fizzy.cli.Fizzy info a b"), output);
    assertTrue(run(link, Map.of("LANG", "de_DE.UTF-8")).contains("java  -"), "the user's locale");
    assertEquals(1, builds(), "the second start builds nothing");
  }

  @Test
  void sparkIsThereForACluster() throws Exception {
    Path launcher = root.resolve("tools/fizzy");
    Map<String, String> spark = Map.of("SPARK_HOME", "/opt/spark");
    Files.createFile(root.resolve("target/fizzy-0.1.0.jar"));
    String output = run(launcher, spark, "generate", "--cluster", "local[2]");
    assertTrue(
        output.contains(
            "-cp /opt/spark/jars/*:" + root + "/target/fizzy-0.1.0.jar:" + root + "/target/lib/*"),
        output);
    assertTrue(output.contains("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"), output);
    assertTrue(
        run(launcher, spark, "generate", "--cluster=yarn").contains("/opt/spark"), "joined form");
    assertFalse(run(launcher, spark, "generate").contains("spark"), "one machine");
  }

  @Test
  void aMovedCheckoutIsBuiltAgain() throws Exception {
    run(root.resolve("tools/fizzy"), Map.of());
    Path cache = root.resolve("target/native/CMakeCache.txt");
    Files.createDirectories(cache.getParent());
    Files.writeString(cache, "CMAKE_HOME_DIRECTORY:INTERNAL=" + root + "/native\n");
    Path moved = Files.move(root, folder.resolve("moved"));
    String output = run(moved.resolve("tools/fizzy"), Map.of());
    assertTrue(output.contains("/moved/target/classes"), output);
    assertEquals(2, builds());
    assertFalse(Files.exists(moved.resolve("target/native")), "CMake refuses another's folder");
  }
}

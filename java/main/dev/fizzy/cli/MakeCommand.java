package dev.fizzy.cli;

import picocli.CommandLine.Command;

@Command(
    name = "make",
    description = "Writes auxiliary files of data sets, and data sets for related tasks.",
    subcommands = {
      MakeAttackCommand.class,
      MakeBinCommand.class,
      MakeIndexCommand.class,
      MakeManifestCommand.class,
      MakeQualityCommand.class
    },
    footer = {"", "Example:", "  fizzy make index train.rec"})
final class MakeCommand {}

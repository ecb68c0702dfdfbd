#include "tools/omnictl/program.h"

#include <fmt/format.h>

#include "common/base/check.h"
#include "common/base/status.h"
#include "common/runtime/version.h"
#include "tools/omnictl/error_line.h"
#include "tools/omnictl/help.h"

namespace omninode::omnictl {
namespace {

absl::Status Print(const ProgramDeps& deps, std::string_view text) {
  if (deps.out(text)) return absl::OkStatus();
  return WithAdvice(Error(absl::StatusCode::kInternal, "cannot write the output"),
                    "look where it goes, and whether there is space");
}

absl::StatusOr<ExitCode> RunVerb(const Invocation& invocation, const ProgramDeps& deps) {
  const Args& args = invocation.args;
  const auto format = ParseFormat(args.Text("output"));
  OMNI_CHECK(format.has_value());
  const std::unique_ptr<Client> client = deps.make_client(*invocation.verb, args);
  if (const auto* once = std::get_if<RunOnce>(&invocation.verb->run)) {
    OMNI_ASSIGN_OR_RETURN(const Rows rows, (*once)(*client, args));
    OMNI_RETURN_IF_ERROR(Print(deps, Render(rows, *format, deps.style)));
    return rows.exit_code;
  }
  const auto& stream = std::get<Stream>(invocation.verb->run);
  StreamRenderer renderer(stream.columns, *format, deps.style);
  OMNI_RETURN_IF_ERROR(
      stream.run(*client, args, [&](const Row& row) { return Print(deps, renderer.Render(row)); }));
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Run(std::span<const std::string> args, const ProgramDeps& deps) {
  const Program program = OmnictlProgram();
  OMNI_ASSIGN_OR_RETURN(const Invocation invocation,
                        ParseCommandLine(program, args, deps.environment));
  switch (invocation.mode) {
    case Mode::kHelp:
      OMNI_RETURN_IF_ERROR(Print(deps, HelpText(program, invocation.words)));
      return ExitCode::kOk;
    case Mode::kHelpMarkdown:
      OMNI_RETURN_IF_ERROR(Print(deps, HelpMarkdown(program)));
      return ExitCode::kOk;
    case Mode::kVersion:
      OMNI_RETURN_IF_ERROR(Print(deps, fmt::format("omnictl {}\n", runtime::Version())));
      return ExitCode::kOk;
    case Mode::kRun:
      break;
  }
  return RunVerb(invocation, deps);
}

}  // namespace

ExitCode RunProgram(std::span<const std::string> args, const ProgramDeps& deps) {
  const auto code = Run(args, deps);
  if (code.ok()) return *code;
  deps.err(ErrorLine(code.status()));
  return ExitCodeFor(code.status());
}

}  // namespace omninode::omnictl

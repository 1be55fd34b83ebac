# Homebrew formula of Stigmer. `deno task formula` fills in what stands between
# at signs, from the checksums of a release.
class Stigmer < Formula
  desc "Agents and durable workflows in one executable"
  homepage "https://github.com/stigmer/stigmer"
  version "@VERSION@"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "@URL@/download/v@VERSION@/stigmer-macos-arm64.tar.gz"
      sha256 "@SHA256 stigmer-macos-arm64.tar.gz@"
    end
    on_intel do
      url "@URL@/download/v@VERSION@/stigmer-macos-x64.tar.gz"
      sha256 "@SHA256 stigmer-macos-x64.tar.gz@"
    end
  end

  on_linux do
    on_arm do
      url "@URL@/download/v@VERSION@/stigmer-linux-arm64.tar.gz"
      sha256 "@SHA256 stigmer-linux-arm64.tar.gz@"
    end
    on_intel do
      url "@URL@/download/v@VERSION@/stigmer-linux-x64.tar.gz"
      sha256 "@SHA256 stigmer-linux-x64.tar.gz@"
    end
  end

  def install
    bin.install "stigmer"
    generate_completions_from_executable(bin/"stigmer", "completions")
  end

  test do
    assert_equal version.to_s, shell_output("#{bin}/stigmer version").strip
  end
end

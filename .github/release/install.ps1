# Installs Stigmer on Windows, in PowerShell 5.1 and later:
#
#   irm https://github.com/stigmer/stigmer/releases/latest/download/install.ps1 | iex
#
# It takes a release, compares its checksum with the list of the release, looks
# at the signature of that list where openssl can, tries the program, and only
# then puts it in its place. When anything is wrong, what was there stays as it
# was. It needs no administrator and writes nowhere else.

param(
  # Install this release instead of the latest.
  [string]$Version = "",
  # Install into this folder (STIGMER_INSTALL_DIR).
  [string]$Dir = "",
  # stigmer, or stigmer-ci, which can start no program.
  [string]$Variant = "stigmer",
  # Refuse where the signature cannot be looked at.
  [switch]$RequireSignature,
  # Take the release also when it is older than what is there.
  [switch]$AllowDowngrade,
  # Say what it takes.
  [switch]$Help
)

$StigmerReleasesUrl = "https://github.com/stigmer/stigmer/releases"

# The keys of src/release/keys.ts: raw Ed25519 in base64, with spaces between.
$StigmerReleaseKeys = ""

$StigmerRedirectsMax = 5
$StigmerConnectMs = 30000
$StigmerSilenceMs = 60000
$StigmerDownloadMinutes = 30
$StigmerDownloadBytesMax = 512MB
$StigmerTrialMs = 60000
# Longer than an installer is at one file.
$StigmerLeftMinutesMin = 60

function Write-StigmerUsage {
  Write-Output @"
Install Stigmer

Usage: install.ps1 [options]

Options:
  -Version VERSION    Install this release instead of the latest
  -Dir DIR            Install into this folder (STIGMER_INSTALL_DIR,
                      default %LOCALAPPDATA%\Programs\Stigmer)
  -Variant VARIANT    stigmer, or stigmer-ci, which can start no program
  -RequireSignature   Refuse where the signature cannot be looked at
  -AllowDowngrade     Take the release also when it is older than what is there
  -Help               Show this

Environment:
  STIGMER_INSTALL_DIR   As -Dir
  STIGMER_RELEASES_URL  Where releases are, as a mirror: https, or http on
                        this machine
"@
}

# For what the command line or a variable says: it ends with 2.
function Stop-StigmerUsage([string]$Message) {
  throw (New-Object ArgumentException $Message)
}

function Test-StigmerVersion([string]$Text) {
  return $Text -cmatch '^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$'
}

# Whether an address may be asked: https, or http on this machine where the
# releases are on it. What looks like a host may be a name or a password.
function Test-StigmerAddress([Uri]$Url, [bool]$IsLocal) {
  if ($Url.UserInfo) { return $false }
  return $Url.Scheme -eq "https" -or ($IsLocal -and $Url.Scheme -eq "http" -and $Url.IsLoopback)
}

# Where releases are, without a slash at its end.
function Get-StigmerBase {
  $text = $env:STIGMER_RELEASES_URL
  if (-not $text) { $text = $StigmerReleasesUrl }
  $url = $null
  if (-not [Uri]::TryCreate($text, [UriKind]::Absolute, [ref]$url)) {
    Stop-StigmerUsage "Cannot use STIGMER_RELEASES_URL: it is no address"
  }
  if ($url.UserInfo -or $url.Query -or $url.Fragment) {
    Stop-StigmerUsage "Cannot use STIGMER_RELEASES_URL: it is no plain address"
  }
  if (-not (Test-StigmerAddress $url $true)) {
    Stop-StigmerUsage "Cannot use STIGMER_RELEASES_URL: it must be https, or http on this machine"
  }
  return $url.AbsoluteUri.TrimEnd("/")
}

# The machines whose program runs here, the best first.
function Get-StigmerTargets {
  if ($env:OS -ne "Windows_NT") {
    throw "This is not Windows: run install.sh instead"
  }
  # A PowerShell for another processor says that one first.
  $names = @($env:PROCESSOR_ARCHITEW6432, $env:PROCESSOR_ARCHITECTURE)
  try {
    $names += [string][Runtime.InteropServices.RuntimeInformation]::OSArchitecture
  } catch {
    Write-Verbose "This .NET does not say which processor it is"
  }
  if ($names -contains "ARM64") { return @("windows-arm64", "windows-x64") }
  if ($names -contains "AMD64" -or $names -contains "X64") { return @("windows-x64") }
  throw "There is no release for this machine: $($names -join ' ')"
}

# Asks for an address. Where a server leads to is looked at before it is asked:
# what 5.1 has for this follows to http anywhere.
function Open-StigmerUrl([string]$Text) {
  $at = [Uri]$Text
  $isLocal = $at.Scheme -eq "http"
  for ($i = 0; $i -le $StigmerRedirectsMax; $i++) {
    $request = [Net.WebRequest]::Create($at)
    $request.AllowAutoRedirect = $false
    $request.Timeout = $StigmerConnectMs
    $request.ReadWriteTimeout = $StigmerSilenceMs
    $response = $request.GetResponse()
    $code = [int]$response.StatusCode
    if ($code -eq 200) { return $response }
    $location = $response.Headers["Location"]
    $response.Close()
    if ($code -lt 300 -or $code -gt 399 -or -not $location) {
      throw "the server answered $code"
    }
    $at = New-Object Uri -ArgumentList $at, $location
    if (-not (Test-StigmerAddress $at $isLocal)) {
      throw "it leads to an address that is not https"
    }
  }
  throw "it leads on more than $StigmerRedirectsMax times"
}

# Writes what comes into a file, within bounds.
function Save-StigmerStream($Stream, [string]$OutFile) {
  $until = [DateTime]::UtcNow.AddMinutes($StigmerDownloadMinutes)
  $buffer = New-Object byte[] 65536
  $file = [IO.File]::Create($OutFile)
  try {
    while (($count = $Stream.Read($buffer, 0, $buffer.Length)) -gt 0) {
      $file.Write($buffer, 0, $count)
      if ($file.Length -gt $StigmerDownloadBytesMax) {
        throw "it is larger than $StigmerDownloadBytesMax bytes"
      }
      if ([DateTime]::UtcNow -gt $until) {
        throw "it took more than $StigmerDownloadMinutes minutes"
      }
    }
  } finally {
    $file.Dispose()
  }
}

# Takes a file of the release.
function Get-StigmerFile([string]$Base, [string]$Name, [string]$OutFile) {
  $url = "$Base/$Name"
  try {
    $response = Open-StigmerUrl $url
    try {
      Save-StigmerStream ($response.GetResponseStream()) $OutFile
    } finally {
      $response.Close()
    }
  } catch {
    throw "Cannot take `"$url`": $($_.Exception.GetBaseException().Message)"
  }
}

# Runs a program without a window; what it says on stderr is no error here.
function Invoke-StigmerProgram([string]$Path, [string]$Arguments) {
  $start = New-Object Diagnostics.ProcessStartInfo
  $start.FileName = $Path
  $start.Arguments = $Arguments
  $start.UseShellExecute = $false
  $start.CreateNoWindow = $true
  $start.RedirectStandardInput = $true
  $start.RedirectStandardOutput = $true
  $start.RedirectStandardError = $true
  $process = [Diagnostics.Process]::Start($start)
  $process.StandardInput.Close()
  $errors = $process.StandardError.ReadToEndAsync()
  $output = $process.StandardOutput.ReadToEndAsync()
  if (-not $process.WaitForExit($StigmerTrialMs)) {
    $process.Kill()
    throw "it did not answer for $($StigmerTrialMs / 1000) s"
  }
  return [PSCustomObject]@{
    Code   = $process.ExitCode
    Output = $output.Result.Trim()
    Errors = $errors.Result
  }
}

# The checksum that the list has for a file, or an empty text.
function Get-StigmerChecksum([string]$Work, [string]$Name) {
  $found = @()
  foreach ($line in [IO.File]::ReadAllLines("$Work\SHA256SUMS")) {
    if ($line -cnotmatch '^([0-9a-f]{64}) [ *]([A-Za-z0-9][A-Za-z0-9._+-]*)$') {
      throw "Cannot read SHA256SUMS of the release"
    }
    if ($Matches[2] -ceq $Name) { $found += $Matches[1] }
  }
  if ($found.Count -gt 1) { throw "Cannot read SHA256SUMS of the release" }
  if ($found.Count -eq 0) { return "" }
  return $found[0]
}

# Compares a file of the release with the list.
function Assert-StigmerChecksum([string]$Work, [string]$Name) {
  $expected = Get-StigmerChecksum $Work $Name
  if (-not $expected) {
    throw "The release has no `"$Name`": SHA256SUMS does not name it"
  }
  $hash = Get-FileHash -LiteralPath "$Work\$Name" -Algorithm SHA256
  $found = $hash.Hash.ToLowerInvariant()
  if ($found -cne $expected) {
    throw "Cannot trust `"$Name`": its checksum is $found, not $expected"
  }
}

# Looks at the signature of the list, where this machine can.
function Assert-StigmerSignature([string]$Base, [string]$Work, [bool]$Required) {
  $why = ""
  $openssl = Get-Command openssl -CommandType Application -ErrorAction SilentlyContinue |
    Select-Object -First 1
  if (-not $StigmerReleaseKeys) {
    $why = "this script has no release key"
  } elseif (-not $openssl) {
    $why = "there is no openssl 3 here"
  } else {
    $help = Invoke-StigmerProgram $openssl.Source "pkeyutl -help"
    if (-not "$($help.Output)$($help.Errors)".Contains("-rawin")) {
      $why = "there is no openssl 3 here"
    }
  }
  if ($why) {
    if ($Required) { throw "Cannot look at the signature: $why" }
    Write-Host "The signature was not looked at: $why"
    return
  }
  Get-StigmerFile $Base "SHA256SUMS.sig" "$Work\SHA256SUMS.sig"
  $text = [IO.File]::ReadAllText("$Work\SHA256SUMS.sig").Trim()
  try {
    [IO.File]::WriteAllBytes("$Work\signature", [Convert]::FromBase64String($text))
  } catch {
    throw "Cannot trust this release: its signature is none"
  }
  foreach ($key in $StigmerReleaseKeys.Split(" ")) {
    # What stands before the key says that it is one of Ed25519.
    [IO.File]::WriteAllLines("$Work\key.pem", [string[]]@(
        "-----BEGIN PUBLIC KEY-----", "MCowBQYDK2VwAyEA$key", "-----END PUBLIC KEY-----"))
    $arguments = "pkeyutl -verify -pubin -inkey `"$Work\key.pem`" -rawin " +
      "-in `"$Work\SHA256SUMS`" -sigfile `"$Work\signature`""
    $verified = Invoke-StigmerProgram $openssl.Source $arguments
    if ($verified.Code -eq 0) {
      Write-Host "Verified the signature of the release"
      return
    }
  }
  throw "Cannot trust this release: its signature is wrong"
}

# Takes what says which release it is, and gives its version.
function Get-StigmerRelease([string]$Base, [string]$Wanted, [string]$Work) {
  $from = "$Base/latest/download"
  if ($Wanted) { $from = "$Base/download/v$Wanted" }
  Get-StigmerFile $from "release.json" "$Work\release.json"
  $named = ""
  if ([IO.File]::ReadAllText("$Work\release.json") -cmatch '"version" *: *"([^"]*)"') {
    $named = $Matches[1]
  }
  if (-not (Test-StigmerVersion $named)) { throw "Cannot read release.json of the release" }
  if ($Wanted -and $named -cne $Wanted) {
    throw "Cannot trust this release: $Wanted was asked for, and it is $named"
  }
  return $named
}

# Takes the one program out of the archive.
function Expand-StigmerArchive([string]$Archive, [string]$Name, [string]$OutFile) {
  Add-Type -AssemblyName System.IO.Compression
  Add-Type -AssemblyName System.IO.Compression.FileSystem
  $zip = [IO.Compression.ZipFile]::OpenRead($Archive)
  try {
    $entries = @($zip.Entries | Where-Object { $_.FullName -ceq $Name })
    if ($entries.Count -ne 1) { throw "There is no $Name in `"$Archive`"" }
    [IO.Compression.ZipFileExtensions]::ExtractToFile($entries[0], $OutFile)
  } finally {
    $zip.Dispose()
  }
}

# Refuses a program that does not run here or is another version.
function Assert-StigmerRuns([string]$Path, [string]$Wanted) {
  try {
    $said = Invoke-StigmerProgram $Path "version"
  } catch {
    throw "The program does not run on this machine: $($_.Exception.Message)"
  }
  if ($said.Code -ne 0) { throw "The program does not run on this machine" }
  if ($said.Output -cne $Wanted) { throw "The program is not version $Wanted" }
}

# Below 0 where one identifier of what comes before a release is older.
function Compare-StigmerIdentifier([string]$Left, [string]$Right) {
  if ($Left -ceq $Right) { return 0 }
  $isNumber = $Left -cmatch '^[0-9]+$'
  $isOther = $Right -cmatch '^[0-9]+$'
  if ($isNumber -and $isOther) {
    return ([double]$Left).CompareTo([double]$Right)
  }
  if ($isNumber) { return -1 }
  if ($isOther) { return 1 }
  return [string]::CompareOrdinal($Left, $Right)
}

# Whether a version is older than another, by the rules of semantic versioning:
# as src/release/release_version.ts has it.
function Test-StigmerOlder([string]$Left, [string]$Right) {
  $leftCore, $leftBefore = $Left.Split([char[]]"-", 2)
  $rightCore, $rightBefore = $Right.Split([char[]]"-", 2)
  $difference = ([Version]$leftCore).CompareTo([Version]$rightCore)
  if ($difference -ne 0) { return $difference -lt 0 }
  if (-not $leftBefore -or -not $rightBefore) {
    return [bool]$leftBefore -and -not $rightBefore
  }
  $leftParts = @($leftBefore.Split([char[]]"."))
  $rightParts = @($rightBefore.Split([char[]]"."))
  $shared = [Math]::Min($leftParts.Count, $rightParts.Count)
  for ($i = 0; $i -lt $shared; $i++) {
    $difference = Compare-StigmerIdentifier $leftParts[$i] $rightParts[$i]
    if ($difference -ne 0) { return $difference -lt 0 }
  }
  return $leftParts.Count -lt $rightParts.Count
}

# An older release has faults that are known, and a genuine signature.
function Assert-StigmerNotOlder([string]$Place, [string]$Wanted) {
  if (-not (Test-Path -LiteralPath $Place)) { return }
  try {
    $said = (Invoke-StigmerProgram $Place "version").Output
  } catch {
    return
  }
  if (-not (Test-StigmerVersion $said)) { return }
  if (Test-StigmerOlder $Wanted $said) {
    throw "Cannot go back to $Wanted`: `"$Place`" is $said, which is newer; if it is meant, say -AllowDowngrade"
  }
}

# Removes what installers that were killed left in a folder, as NAME-PID-MARK.
# Those of another machine look as if they were gone: what is too young stays.
# By when it was made: what comes out of an archive is as old as that.
function Clear-StigmerLeftovers([string]$Folder, [string]$Start) {
  if (-not (Test-Path -LiteralPath $Folder)) { return }
  $since = [DateTime]::UtcNow.AddMinutes(-$StigmerLeftMinutesMin)
  Get-ChildItem -LiteralPath $Folder -Filter "$Start-*" -Force | ForEach-Object {
    if ($_.Name -cnotmatch '-([0-9]{1,9})-[0-9a-f]{32}(\.exe)?$') { return }
    if (Get-Process -Id $Matches[1] -ErrorAction SilentlyContinue) { return }
    if ($_.CreationTimeUtc -gt $since) { return }
    Remove-Item -LiteralPath $_.FullName -Recurse -Force -ErrorAction SilentlyContinue
  }
}

# Windows lets nobody replace a program that runs, but move it.
function Move-StigmerInPlace([string]$New, [string]$Place) {
  if (-not (Test-Path -LiteralPath $Place)) {
    [IO.File]::Move($New, $Place)
    return
  }
  # As `stigmer upgrade` names it, which removes it when it runs no more.
  $mark = [Guid]::NewGuid().ToString("N").Substring(0, 12)
  $aside = "$Place.$mark.old"
  [IO.File]::Move($Place, $aside)
  try {
    [IO.File]::Move($New, $Place)
  } catch {
    [IO.File]::Move($aside, $Place)
    throw
  }
  Remove-Item -LiteralPath $aside -Force -ErrorAction SilentlyContinue
}

function Write-StigmerPath([string]$Folder) {
  $folders = "$env:Path".Split(";") | ForEach-Object { $_.TrimEnd("\") }
  if ($folders -contains $Folder.TrimEnd("\")) { return }
  # Within a text of PowerShell a quote is written twice.
  $quoted = $Folder.Replace("'", "''")
  Write-Host "Put it on PATH, and open a new terminal:"
  Write-Host "  [Environment]::SetEnvironmentVariable('Path', '$quoted;' + [Environment]::GetEnvironmentVariable('Path', 'User'), 'User')"
}

# Takes, verifies, tries and installs a release.
function Install-StigmerRelease {
  param([string]$Version, [string]$Dir, [string]$Variant, [bool]$RequireSignature,
    [bool]$AllowDowngrade)
  # In here only: who pipes this into a session keeps his own.
  $ErrorActionPreference = "Stop"
  $ProgressPreference = "SilentlyContinue"
  if ($Variant -cne "stigmer" -and $Variant -cne "stigmer-ci") {
    Stop-StigmerUsage "There is no variant `"$Variant`": take stigmer or stigmer-ci"
  }
  $wanted = $Version -creplace '^v', ''
  if ($wanted -and -not (Test-StigmerVersion $wanted)) {
    Stop-StigmerUsage "`"$wanted`" is no version: write it as 1.2.3"
  }
  $base = Get-StigmerBase
  $targets = @(Get-StigmerTargets)
  if (-not $Dir) { $Dir = $env:STIGMER_INSTALL_DIR }
  if (-not $Dir) {
    if (-not $env:LOCALAPPDATA) { throw "There is no LOCALAPPDATA: say where with -Dir" }
    $Dir = Join-Path $env:LOCALAPPDATA "Programs\Stigmer"
  }
  $Dir = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Dir)
  $place = Join-Path $Dir "$Variant.exe"
  if (Test-Path -LiteralPath $place -PathType Container) {
    throw "Cannot install over `"$place`": it is a folder"
  }
  $mark = "$PID-$([Guid]::NewGuid().ToString('N'))"
  Clear-StigmerLeftovers ([IO.Path]::GetTempPath()) "stigmer-install"
  $work = Join-Path ([IO.Path]::GetTempPath()) "stigmer-install-$mark"
  $new = ""
  # This one is of the whole process.
  $protocols = [Net.ServicePointManager]::SecurityProtocol
  try {
    [Net.ServicePointManager]::SecurityProtocol =
      $protocols -bor [Net.SecurityProtocolType]::Tls12
    New-Item -ItemType Directory -Path $work | Out-Null
    $release = Get-StigmerRelease $base $wanted $work
    # Everything else comes from under its version: another one may come out.
    $from = "$base/download/v$release"
    Get-StigmerFile $from "SHA256SUMS" "$work\SHA256SUMS"
    Assert-StigmerSignature $from $work $RequireSignature
    Assert-StigmerChecksum $work "release.json"
    if (-not $AllowDowngrade) { Assert-StigmerNotOlder $place $release }
    $asset = ""
    foreach ($target in $targets) {
      $asset = "$Variant-$target.zip"
      if (Get-StigmerChecksum $work $asset) { break }
    }
    Write-Host "Downloading $asset of $release"
    Get-StigmerFile $from $asset "$work\$asset"
    Assert-StigmerChecksum $work $asset
    New-Item -ItemType Directory -Path $Dir -Force | Out-Null
    Clear-StigmerLeftovers $Dir ".stigmer-install"
    # Beside its place: only within one drive it is moved in one step.
    $new = Join-Path $Dir ".stigmer-install-$mark.exe"
    Expand-StigmerArchive "$work\$asset" "$Variant.exe" $new
    Assert-StigmerRuns $new $release
    Move-StigmerInPlace $new $place
    Write-Output "Installed $Variant $release at $place"
    Write-StigmerPath $Dir
  } finally {
    [Net.ServicePointManager]::SecurityProtocol = $protocols
    foreach ($left in @($new, $work)) {
      if ($left -and (Test-Path -LiteralPath $left)) {
        Remove-Item -LiteralPath $left -Recurse -Force -ErrorAction SilentlyContinue
      }
    }
  }
}

# The last block, in braces: what came incomplete runs nothing.
& {
  if ($Help) { Write-StigmerUsage; return }
  try {
    Install-StigmerRelease -Version $Version -Dir $Dir -Variant $Variant `
      -RequireSignature ([bool]$RequireSignature) -AllowDowngrade ([bool]$AllowDowngrade)
  } catch {
    # An exit would close the session that this is piped into.
    if (-not $PSCommandPath) { throw }
    [Console]::Error.WriteLine("Error: $($_.Exception.Message)")
    if ($_.Exception -is [ArgumentException]) { exit 2 }
    exit 1
  }
}

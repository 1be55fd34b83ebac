# Tries install.ps1 against a server on this machine, with the files that are to
# be released: `pwsh .github/release/test_install.ps1 -Assets dist`. It runs in
# the PowerShell that it is started with, so start it with each.

param(
  # The folder of what is to be released, with release.json and SHA256SUMS.
  [Parameter(Mandatory = $true)][string]$Assets,
  [string]$Deno = "deno"
)

$ErrorActionPreference = "Stop"
$root = (Resolve-Path (Join-Path $PSScriptRoot "..\..")).Path
$assetsPath = (Resolve-Path $Assets).Path
$shell = (Get-Process -Id $PID).Path
$work = Join-Path ([IO.Path]::GetTempPath()) "stigmer test $([Guid]::NewGuid().ToString('N'))"
$servers = @()
$passed = 0

function Assert-True([bool]$Holds, [string]$Claim) {
  if (-not $Holds) { throw "FAILED  $Claim" }
  Write-Host "ok      $Claim"
  $script:passed++
}

# Serves a folder and gives the address of its releases.
function Start-Releases([string]$Folder) {
  $log = Join-Path $work "$([Guid]::NewGuid().ToString('N')).log"
  $script = Join-Path $root "tests\release\serve_folder.ts"
  $arguments = "run -A `"$script`" `"$Folder`""
  $server = Start-Process -FilePath $Deno -ArgumentList $arguments -PassThru `
    -WorkingDirectory $root -WindowStyle Hidden -RedirectStandardOutput $log
  $script:servers += $server
  for ($i = 0; $i -lt 600; $i++) {
    Start-Sleep -Milliseconds 100
    $line = Get-Content -LiteralPath $log -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($line) { return $line.Trim() }
  }
  throw "The server of releases did not start"
}

# Makes a copy of the script without keys: what is to be released is not signed
# yet when this is run.
function New-Script {
  $path = Join-Path $work "install.ps1"
  $text = [IO.File]::ReadAllText((Join-Path $root ".github\release\install.ps1"))
  $unkeyed = $text -creplace '(?m)^\$StigmerReleaseKeys = ".*"$', '$$StigmerReleaseKeys = ""'
  if ($unkeyed -cnotmatch '(?m)^\$StigmerReleaseKeys = ""$') { throw "No line of keys" }
  [IO.File]::WriteAllText($path, $unkeyed)
  return $path
}

# Runs the script in a process of its own, and gives how it ended.
function Invoke-Install([string]$Url, [string]$Words) {
  $env:STIGMER_RELEASES_URL = $Url
  $arguments = "-NoProfile -ExecutionPolicy Bypass -File `"$script`" -Dir `"$bin`" $Words"
  $process = Start-Process -FilePath $shell -ArgumentList $arguments -PassThru -NoNewWindow -Wait
  return $process.ExitCode
}

function Get-Names {
  return (Get-ChildItem -LiteralPath $bin -Force | ForEach-Object { $_.Name }) -join " "
}

function Get-Sum {
  return (Get-FileHash -LiteralPath $exe -Algorithm SHA256).Hash
}

# A copy of the release in which something is changed.
function New-Changed([string]$Name, [scriptblock]$Change) {
  $copy = Join-Path $work $Name
  New-Item -ItemType Directory -Path $copy | Out-Null
  foreach ($file in @("release.json", "SHA256SUMS", "stigmer-windows-*.zip")) {
    Copy-Item -Path (Join-Path $assetsPath $file) -Destination $copy
  }
  & $Change $copy | Out-Null
  return $copy
}

try {
  New-Item -ItemType Directory -Path $work | Out-Null
  $bin = Join-Path $work "bin of mine"
  $exe = Join-Path $bin "stigmer.exe"
  $env:STIGMER_HOME = Join-Path $work "home"
  $version = (Get-Content -LiteralPath (Join-Path $assetsPath "release.json") -Raw |
    ConvertFrom-Json).version
  $script = New-Script
  $good = Start-Releases $assetsPath

  Assert-True ((Invoke-Install $good "-Version ../1") -eq 2) "a version that is none is a mistake of use"
  Assert-True ((Invoke-Install "http://example.com/releases" "") -eq 2) "so is an address without https"
  Assert-True ((Invoke-Install $good "-Version 0.0.1") -eq 1) "a release that is not there is refused"
  Assert-True (-not (Test-Path -LiteralPath $bin)) "and nothing is made"

  Assert-True ((Invoke-Install $good "") -eq 0) "the latest release installs"
  Assert-True ((Get-Names) -eq "stigmer.exe") "and nothing lies beside it"
  Assert-True ((& $exe version) -eq $version) "and it runs"
  $sum = Get-Sum

  # Its functions alone, without what it does at its end.
  $text = [IO.File]::ReadAllText($script)
  foreach ($name in @("Compare-StigmerIdentifier", "Test-StigmerOlder")) {
    $found = [regex]::Match($text, "(?ms)^function $name\(.*?^\}")
    if (-not $found.Success) { throw "There is no $name in install.ps1" }
    . ([scriptblock]::Create($found.Value))
  }
  # From the oldest to the newest, as in tests/release/install_sh_versions_test.ts.
  $versions = @("0.9.10", "0.10.0", "1.0.0-0", "1.0.0-2", "1.0.0-10", "1.0.0-10.0", "1.0.0--",
    "1.0.0-Beta", "1.0.0-a-b.1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
    "1.0.0-beta", "1.0.0-rc.1", "1.0.0-rc.2", "1.0.0-rc.10", "1.0.0-rc.10.1", "1.0.0-rc.1a",
    "1.0.0-rc1", "1.0.0", "1.0.1-rc.1", "1.0.1", "1.2.3", "10.0.0")
  $wrong = @()
  for ($i = 0; $i -lt $versions.Count; $i++) {
    for ($j = 0; $j -lt $versions.Count; $j++) {
      $older = Test-StigmerOlder $versions[$i] $versions[$j]
      if ($older -ne ($i -lt $j)) { $wrong += "$($versions[$i]) and $($versions[$j])" }
    }
  }
  Assert-True ($wrong.Count -eq 0) "a release is older than another as upgrades hold it $wrong"

  $left = Join-Path $bin ".stigmer-install-999999999-$('0' * 32).exe"
  [IO.File]::WriteAllText($left, "")
  Assert-True ((Invoke-Install $good "-Version $version") -eq 0) "it installs over itself"
  Assert-True (Test-Path -LiteralPath $left) "and leaves what one elsewhere may be at"
  [IO.File]::SetCreationTimeUtc($left, [DateTime]::UtcNow.AddHours(-2))
  Assert-True ((Invoke-Install $good "-Version $version") -eq 0) "it installs over itself again"
  Assert-True ((Get-Names) -eq "stigmer.exe") "and clears away what one that was killed left"

  $refused = @{
    "an archive with a wrong checksum" = {
      param($folder)
      Get-ChildItem -LiteralPath $folder -Filter "stigmer-windows-*.zip" | ForEach-Object {
        $bytes = [IO.File]::ReadAllBytes($_.FullName)
        $bytes[$bytes.Length - 1] = $bytes[$bytes.Length - 1] -bxor 1
        [IO.File]::WriteAllBytes($_.FullName, $bytes)
      }
    }
    "an archive that is cut"           = {
      param($folder)
      Get-ChildItem -LiteralPath $folder -Filter "stigmer-windows-*.zip" | ForEach-Object {
        $file = [IO.File]::OpenWrite($_.FullName)
        $file.SetLength([long]($_.Length / 2))
        $file.Dispose()
      }
    }
    "a release without its archive"    = {
      param($folder)
      Remove-Item -Path (Join-Path $folder "stigmer-windows-*.zip")
    }
    "a list that names nothing else"   = {
      param($folder)
      $path = Join-Path $folder "SHA256SUMS"
      $lines = [IO.File]::ReadAllLines($path) | Where-Object { $_ -match "release\.json$" }
      [IO.File]::WriteAllText($path, "$($lines -join "`n")`n")
    }
    "another version in release.json"  = {
      param($folder)
      [IO.File]::WriteAllText((Join-Path $folder "release.json"), "{`"version`":`"99.0.0`"}`n")
    }
  }
  foreach ($name in $refused.Keys) {
    $changed = New-Changed ($name -replace "\W", "-") $refused[$name]
    $url = Start-Releases $changed
    Assert-True ((Invoke-Install $url "") -eq 1) "$name is refused"
    Assert-True ((Get-Sum) -eq $sum) "and the program is what it was"
    Assert-True ((Get-Names) -eq "stigmer.exe") "and nothing lies beside it"
  }

  $running = Start-Process -FilePath $exe -ArgumentList "worker" -PassThru -WindowStyle Hidden
  try {
    Assert-True ((Invoke-Install $good "") -eq 0) "a program that runs is replaced"
    Assert-True ((& $exe version) -eq $version) "and the new one runs"
  } finally {
    Stop-Process -Id $running.Id -Force -ErrorAction SilentlyContinue
  }
  Write-Host ""
  Write-Host "$passed passed, 0 failed"
} finally {
  foreach ($server in $servers) {
    Stop-Process -Id $server.Id -Force -ErrorAction SilentlyContinue
  }
  Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction SilentlyContinue
}

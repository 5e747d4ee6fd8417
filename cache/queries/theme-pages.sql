-- Which pages use which theme, in which version, and whether it is live.
SELECT dressed.theme, dressed.theme_version, themes.live, dressed.url,
       dressed.made_at
FROM dressed LEFT JOIN themes ON themes.name = dressed.theme
     AND themes.version = dressed.theme_version
ORDER BY dressed.theme, dressed.theme_version, dressed.url;

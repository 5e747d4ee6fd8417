<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="identity.xsl"/>
<xsl:template match="/">
<html lang="en">
<head><title>Theme</title></head>
<body class="t">
<div id="a" class="x" title="ta">theme a</div>
<i>before</i>
<div id="b">
  <xsl:apply-templates select="//*[@id = 'one']/@dir"/>
  <i>first</i>
  <i>inside</i>
  <i>last</i>
</div>
<i>after</i>
</body>
</html>
</xsl:template>
</xsl:stylesheet>
